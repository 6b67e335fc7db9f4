#define NX 2
#define NZ 1
static void begin(M *m) { m->r[0] = 1; m->r[1] = 0; m->r[4] = -9.81; m->r[5] = 0.7; m->r[6] = 0.1; }
static void compute(M *m) { m->r[2] = m->r[1]; m->r[3] = m->r[4]; }
static void indicators(M *m, double *z) { z[0] = (m->r[0] > -1e-9 && m->r[0] <= 0 && m->r[1] > 0) ? 1e-9 : m->r[0]; }
static int event(M *m) {
  m->timed = 0;
  if (m->r[0] <= 1e-9 && m->r[1] < 0) {
    m->r[0] = 2.2250738585072014e-308;
    m->r[1] = -m->r[5] * m->r[1];
    if (m->r[1] < m->r[6]) { m->r[1] = 0; m->r[4] = 0; }
    return 1;
  }
  return 0;
}
