#define NX 0
#define NZ 0
static void begin(M *m) { m->r[0] = 1; m->timed = 1; m->next = 1; }
static void compute(M *m) { (void)m; }
static void indicators(M *m, double *z) { (void)m; (void)z; }
static int event(M *m) {
  if (m->timed && m->t >= m->next - 1e-9) { m->r[0] += 1; m->next += 1; }
#ifdef LAST
  m->over = m->r[0] >= LAST;
#endif
  m->timed = 1;
  return 0;
}
