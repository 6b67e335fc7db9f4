/* J dw/dt = torque - d w */
#define NX 1
#define NZ 0
static void begin(M *m) { m->r[3] = 0.01; m->r[4] = 0.01; }
static void compute(M *m) { m->r[1] = (m->r[2] - m->r[4] * m->r[0]) / m->r[3]; }
static void indicators(M *m, double *z) { (void)m; (void)z; }
static int event(M *m) { m->timed = 0; return 0; }
