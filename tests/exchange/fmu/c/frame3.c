/* FMI 3.0, co-simulation and model exchange: a model of model.h in its reals, and beside it variables of every type from
   reference 100 on (each odd reference is an input, the next one gives it back), arrays that a structural parameter sizes (90),
   a periodic clock (300, each tick counted in 302, which samples the real 3 into 94), a clock of its own (301: every second tick), and early returns. */
#include "fmi3Functions.h"
#include "model.h"
#include <stdint.h>
#define E __attribute__((visibility("default")))
#define MOST 64
typedef struct { const char *g; fmi3InstanceEnvironment env; fmi3LogMessageCallback log; fmi3IntermediateUpdateCallback update; } Fixed;
typedef struct {
  M m;
  uint64_t size;
  double u[MOST], A[MOST];
  unsigned char scalar[128][8], blob[64];
  size_t blob_size;
  char word[200];
  double sampled;
  int ticks, tick_now, own_now, configuring, events;
  double returned;
} S;
typedef struct { S s; Fixed f; } I;
#define M_ (&((I *)c)->s.m)
#define S_ (&((I *)c)->s)
E const char *fmi3GetVersion(void) { return "3.0"; }
E fmi3Status fmi3SetDebugLogging(fmi3Instance c, fmi3Boolean l, size_t n, const fmi3String k[]) { (void)c; (void)l; (void)n; (void)k; return fmi3OK; }
static fmi3Instance made(fmi3String g, fmi3InstanceEnvironment env, fmi3LogMessageCallback log, fmi3IntermediateUpdateCallback up) {
  if (strcmp(g, "{g}")) { log(env, fmi3Error, "logStatusError", "Wrong instantiation token."); return NULL; }
  I *c = calloc(1, sizeof(I));
  c->f.env = env; c->f.log = log; c->f.update = up;
  c->s.size = 2;
  for (int k = 0; k < 4; k++) c->s.A[k] = k % 3 ? 0 : 1;
  begin(&c->s.m);
  return c;
}
E fmi3Instance fmi3InstantiateModelExchange(fmi3String n, fmi3String g, fmi3String r, fmi3Boolean v, fmi3Boolean l, fmi3InstanceEnvironment e, fmi3LogMessageCallback log) { (void)n; (void)r; (void)v; (void)l; return made(g, e, log, NULL); }
E fmi3Instance fmi3InstantiateCoSimulation(fmi3String n, fmi3String g, fmi3String r, fmi3Boolean v, fmi3Boolean l, fmi3Boolean ev, fmi3Boolean er, const fmi3ValueReference q[], size_t nq, fmi3InstanceEnvironment e, fmi3LogMessageCallback log, fmi3IntermediateUpdateCallback up) {
  (void)n; (void)r; (void)v; (void)l; (void)er; (void)q; (void)nq;
  I *c = made(g, e, log, up);
  if (c) c->s.events = ev;
  return c;
}
E void fmi3FreeInstance(fmi3Instance c) { free(c); }
E fmi3Status fmi3EnterInitializationMode(fmi3Instance c, fmi3Boolean td, fmi3Float64 tol, fmi3Float64 t0, fmi3Boolean sd, fmi3Float64 t1) { (void)td; (void)tol; (void)sd; (void)t1; M_->t = t0; S_->returned = t0; return fmi3OK; }
E fmi3Status fmi3ExitInitializationMode(fmi3Instance c) { compute(M_); return fmi3OK; }
E fmi3Status fmi3EnterEventMode(fmi3Instance c) { S_->tick_now = S_->own_now = 0; return fmi3OK; }
E fmi3Status fmi3Terminate(fmi3Instance c) { (void)c; return fmi3OK; }
E fmi3Status fmi3Reset(fmi3Instance c) { I *i = c; int e = i->s.events; memset(&i->s, 0, sizeof(S)); i->s.size = 2; i->s.events = e; begin(M_); return fmi3OK; }
E fmi3Status fmi3EnterConfigurationMode(fmi3Instance c) { S_->configuring = 1; return fmi3OK; }
E fmi3Status fmi3ExitConfigurationMode(fmi3Instance c) { S_->configuring = 0; return fmi3OK; }
E fmi3Status fmi3GetFloat64(fmi3Instance c, const fmi3ValueReference v[], size_t n, fmi3Float64 x[], size_t nx) {
  size_t at = 0, size = S_->size;
  compute(M_);
  for (size_t k = 0; k < n; k++) {
    if (v[k] < 32) x[at++] = M_->r[v[k]];
    else if (v[k] == 94) x[at++] = S_->sampled;
    else if (v[k] == 91) for (size_t j = 0; j < size; j++) x[at++] = S_->u[j];
    else if (v[k] == 92) for (size_t j = 0; j < size * size; j++) x[at++] = S_->A[j];
    else if (v[k] == 93) for (size_t j = 0; j < size; j++) { x[at] = 0; for (size_t q = 0; q < size; q++) x[at] += S_->A[j * size + q] * S_->u[q]; at++; }
    else return fmi3Error;
  }
  return at == nx ? fmi3OK : fmi3Error;
}
E fmi3Status fmi3SetFloat64(fmi3Instance c, const fmi3ValueReference v[], size_t n, const fmi3Float64 x[], size_t nx) {
  size_t at = 0, size = S_->size;
  for (size_t k = 0; k < n; k++) {
    if (v[k] < 32) M_->r[v[k]] = x[at++];
    else if (v[k] == 91) for (size_t j = 0; j < size; j++) S_->u[j] = x[at++];
    else if (v[k] == 92) for (size_t j = 0; j < size * size; j++) S_->A[j] = x[at++];
    else return fmi3Error;
  }
  return at == nx ? fmi3OK : fmi3Error;
}
static unsigned char *cell(fmi3Instance c, fmi3ValueReference v) { return S_->scalar[(v - 100) / 2 % 128]; }
#define SCALAR(T) \
  E fmi3Status fmi3Get##T(fmi3Instance c, const fmi3ValueReference v[], size_t n, fmi3##T x[], size_t nx) { if (n != nx) return fmi3Error; for (size_t k = 0; k < n; k++) memcpy(x + k, cell(c, v[k]), sizeof(x[k])); return fmi3OK; } \
  E fmi3Status fmi3Set##T(fmi3Instance c, const fmi3ValueReference v[], size_t n, const fmi3##T x[], size_t nx) { if (n != nx) return fmi3Error; for (size_t k = 0; k < n; k++) memcpy(cell(c, v[k]), x + k, sizeof(x[k])); return fmi3OK; }
SCALAR(Float32) SCALAR(Int8) SCALAR(UInt8) SCALAR(Int16) SCALAR(UInt16) SCALAR(UInt32) SCALAR(Int64) SCALAR(Boolean)
E fmi3Status fmi3GetInt32(fmi3Instance c, const fmi3ValueReference v[], size_t n, fmi3Int32 x[], size_t nx) { if (n != nx) return fmi3Error; for (size_t k = 0; k < n; k++) if (v[k] == 302) x[k] = S_->ticks; else memcpy(x + k, cell(c, v[k]), 4); return fmi3OK; }
E fmi3Status fmi3SetInt32(fmi3Instance c, const fmi3ValueReference v[], size_t n, const fmi3Int32 x[], size_t nx) { if (n != nx) return fmi3Error; for (size_t k = 0; k < n; k++) memcpy(cell(c, v[k]), x + k, 4); return fmi3OK; }
E fmi3Status fmi3GetUInt64(fmi3Instance c, const fmi3ValueReference v[], size_t n, fmi3UInt64 x[], size_t nx) { if (n != nx) return fmi3Error; for (size_t k = 0; k < n; k++) if (v[k] == 90) x[k] = S_->size; else memcpy(x + k, cell(c, v[k]), 8); return fmi3OK; }
E fmi3Status fmi3SetUInt64(fmi3Instance c, const fmi3ValueReference v[], size_t n, const fmi3UInt64 x[], size_t nx) {
  if (n != nx) return fmi3Error;
  for (size_t k = 0; k < n; k++)
    if (v[k] == 90) {
      if (!S_->configuring || x[k] * x[k] > MOST) return fmi3Error;
      S_->size = x[k]; memset(S_->A, 0, sizeof(S_->A)); memset(S_->u, 0, sizeof(S_->u));
    } else memcpy(cell(c, v[k]), x + k, 8);
  return fmi3OK;
}
E fmi3Status fmi3GetString(fmi3Instance c, const fmi3ValueReference v[], size_t n, fmi3String x[], size_t nx) { (void)v; (void)nx; for (size_t k = 0; k < n; k++) x[k] = S_->word; return fmi3OK; }
E fmi3Status fmi3SetString(fmi3Instance c, const fmi3ValueReference v[], size_t n, const fmi3String x[], size_t nx) { (void)v; (void)nx; for (size_t k = 0; k < n; k++) strncpy(S_->word, x[k], 199); return fmi3OK; }
E fmi3Status fmi3GetBinary(fmi3Instance c, const fmi3ValueReference v[], size_t n, size_t s[], fmi3Binary x[], size_t nx) { (void)v; (void)nx; for (size_t k = 0; k < n; k++) { s[k] = S_->blob_size; x[k] = S_->blob; } return fmi3OK; }
E fmi3Status fmi3SetBinary(fmi3Instance c, const fmi3ValueReference v[], size_t n, const size_t s[], const fmi3Binary x[], size_t nx) { (void)v; (void)nx; for (size_t k = 0; k < n; k++) { if (s[k] > 64) return fmi3Error; memcpy(S_->blob, x[k], s[k]); S_->blob_size = s[k]; } return fmi3OK; }
E fmi3Status fmi3GetClock(fmi3Instance c, const fmi3ValueReference v[], size_t n, fmi3Clock x[]) { for (size_t k = 0; k < n; k++) x[k] = v[k] == 301 ? S_->own_now : S_->tick_now; return fmi3OK; }
E fmi3Status fmi3SetClock(fmi3Instance c, const fmi3ValueReference v[], size_t n, const fmi3Clock x[]) {
  for (size_t k = 0; k < n; k++) if (v[k] == 300 && x[k]) { S_->ticks++; S_->tick_now = 1; S_->sampled = M_->r[3]; S_->own_now = S_->ticks % 2 == 0; }
  return fmi3OK;
}
E fmi3Status fmi3GetIntervalDecimal(fmi3Instance c, const fmi3ValueReference v[], size_t n, fmi3Float64 x[], fmi3IntervalQualifier q[]) { (void)c; (void)v; for (size_t k = 0; k < n; k++) { x[k] = 0; q[k] = fmi3IntervalNotYetKnown; } return fmi3OK; }
E fmi3Status fmi3GetFMUState(fmi3Instance c, fmi3FMUState *s) { if (!*s) *s = malloc(sizeof(S)); memcpy(*s, S_, sizeof(S)); return fmi3OK; }
E fmi3Status fmi3SetFMUState(fmi3Instance c, fmi3FMUState s) { memcpy(S_, s, sizeof(S)); return fmi3OK; }
E fmi3Status fmi3FreeFMUState(fmi3Instance c, fmi3FMUState *s) { (void)c; free(*s); *s = NULL; return fmi3OK; }
E fmi3Status fmi3SerializedFMUStateSize(fmi3Instance c, fmi3FMUState s, size_t *n) { (void)c; (void)s; *n = sizeof(S); return fmi3OK; }
E fmi3Status fmi3SerializeFMUState(fmi3Instance c, fmi3FMUState s, fmi3Byte b[], size_t n) { (void)c; memcpy(b, s, n); return fmi3OK; }
E fmi3Status fmi3DeserializeFMUState(fmi3Instance c, const fmi3Byte b[], size_t n, fmi3FMUState *s) { (void)c; if (n != sizeof(S)) return fmi3Error; *s = malloc(sizeof(S)); memcpy(*s, b, n); return fmi3OK; }
E fmi3Status fmi3EnterStepMode(fmi3Instance c) { (void)c; return fmi3OK; }
E fmi3Status fmi3UpdateDiscreteStates(fmi3Instance c, fmi3Boolean *again, fmi3Boolean *end, fmi3Boolean *nominals, fmi3Boolean *states, fmi3Boolean *defined, fmi3Float64 *next) {
  *again = *nominals = 0;
  *states = event(M_) != 0; *end = M_->over != 0; *defined = M_->timed != 0; *next = M_->next;
  return fmi3OK;
}
E fmi3Status fmi3DoStep(fmi3Instance c, fmi3Float64 t, fmi3Float64 h, fmi3Boolean p, fmi3Boolean *ev, fmi3Boolean *end, fmi3Boolean *early, fmi3Float64 *last) {
  (void)p;
  double stop = t + h;
  *ev = *end = *early = 0;
#ifdef EARLY
  double own = S_->returned + EARLY;
  if (S_->events && own < stop - 1e-9) { stop = own; *early = *ev = 1; }
  if (own <= stop + 1e-9) S_->returned = own;
#endif
  advance(M_, stop);
  Fixed *f = &((I *)c)->f;
  if (f->update) { fmi3Boolean wish = 0; double when = 0; f->update(f->env, stop, 0, 1, 1, 0, &wish, &when); }
  *last = stop; *end = M_->over != 0;
#ifdef LIES
  *early = 1; *last = LIES;
#endif
  return fmi3OK;
}
E fmi3Status fmi3EnterContinuousTimeMode(fmi3Instance c) { (void)c; return fmi3OK; }
E fmi3Status fmi3CompletedIntegratorStep(fmi3Instance c, fmi3Boolean n, fmi3Boolean *e, fmi3Boolean *t) { (void)c; (void)n; *e = 0; *t = 0; return fmi3OK; }
E fmi3Status fmi3SetTime(fmi3Instance c, fmi3Float64 t) { M_->t = t; return fmi3OK; }
E fmi3Status fmi3SetContinuousStates(fmi3Instance c, const fmi3Float64 x[], size_t n) { memcpy(M_->r, x, n * sizeof(double)); return fmi3OK; }
E fmi3Status fmi3GetContinuousStateDerivatives(fmi3Instance c, fmi3Float64 x[], size_t n) { compute(M_); memcpy(x, M_->r + NX, n * sizeof(double)); return fmi3OK; }
E fmi3Status fmi3GetEventIndicators(fmi3Instance c, fmi3Float64 z[], size_t n) { (void)n; indicators(M_, z); return fmi3OK; }
E fmi3Status fmi3GetContinuousStates(fmi3Instance c, fmi3Float64 x[], size_t n) { memcpy(x, M_->r, n * sizeof(double)); return fmi3OK; }
E fmi3Status fmi3GetNominalsOfContinuousStates(fmi3Instance c, fmi3Float64 x[], size_t n) { (void)c; for (size_t k = 0; k < n; k++) x[k] = 1; return fmi3OK; }
E fmi3Status fmi3GetNumberOfEventIndicators(fmi3Instance c, size_t *n) { (void)c; *n = NZ; return fmi3OK; }
E fmi3Status fmi3GetNumberOfContinuousStates(fmi3Instance c, size_t *n) { (void)c; *n = NX; return fmi3OK; }
