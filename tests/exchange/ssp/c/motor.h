/* L di/dt = u - R i - k w; torque = k i */
#define NX 1
#define NZ 0
static void begin(M *m) { m->r[5] = 1; m->r[6] = 0.1; m->r[7] = 0.1; }
static void compute(M *m) {
  m->r[1] = (m->r[3] - m->r[5] * m->r[0] - m->r[7] * m->r[4]) / m->r[6];
  m->r[2] = m->r[7] * m->r[0];
}
static void indicators(M *m, double *z) { (void)m; (void)z; }
static int event(M *m) { m->timed = 0; return 0; }
