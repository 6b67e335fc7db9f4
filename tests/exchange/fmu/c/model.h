/* A small model behind both frames: reals r[] by value reference, states first, then their derivatives. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
typedef struct { double t, r[32], next; int timed, over; } M;
#include MODEL
static void advance(M *m, double end) { /* explicit Euler of 1 ms with events, as simple co-simulations do */
  double z0[NZ + 1], z1[NZ + 1];
  while (m->t < end - 1e-12) {
    double h = 1e-3, stop = end;
    int at_time = 0;
    if (m->timed && m->next <= stop) { stop = m->next; at_time = 1; }
    if (m->t + h > stop - 1e-12) h = stop - m->t; else at_time = 0;
    indicators(m, z0);
    compute(m);
    for (int i = 0; i < NX; i++) m->r[i] += h * m->r[NX + i];
    m->t += h;
    indicators(m, z1);
    int crossed = 0;
    for (int i = 0; i < NZ; i++) crossed |= (z0[i] > 0) != (z1[i] > 0);
    if (crossed || at_time) event(m);
  }
  compute(m);
}
