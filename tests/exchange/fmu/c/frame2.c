/* FMI 2.0, co-simulation and model exchange, around model.h; strings and integers are kept as they are set. */
#include "fmi2Functions.h"
#include "model.h"
#include <stdio.h>
#ifndef GUID
#define GUID "{g}"
#endif
#define E __attribute__((visibility("default")))
typedef struct { M m; const fmi2CallbackFunctions *f; int i[8]; char s[8][200]; fmi2ComponentEnvironment env; } I;
#define M_ (&((I *)c)->m)
E const char *fmi2GetTypesPlatform(void) { return "default"; }
E const char *fmi2GetVersion(void) { return "2.0"; }
E fmi2Component fmi2Instantiate(fmi2String n, fmi2Type t, fmi2String g, fmi2String r, const fmi2CallbackFunctions *f, fmi2Boolean v, fmi2Boolean l) {
  (void)t; (void)r; (void)v; (void)l;
  if (strcmp(g, GUID)) {
    f->logger(f->componentEnvironment, n, fmi2Error, "logStatusError", "Wrong GUID %s, expected %d characters.", g, (int)strlen(GUID));
    return NULL;
  }
  I *c = f->allocateMemory(1, sizeof(I));
  c->f = f; c->env = f->componentEnvironment;
  begin(&c->m);
  return c;
}
E void fmi2FreeInstance(fmi2Component c) { if (c) ((I *)c)->f->freeMemory(c); }
E fmi2Status fmi2SetDebugLogging(fmi2Component c, fmi2Boolean l, size_t n, const fmi2String k[]) { (void)c; (void)l; (void)n; (void)k; return fmi2OK; }
E fmi2Status fmi2SetupExperiment(fmi2Component c, fmi2Boolean td, fmi2Real tol, fmi2Real t0, fmi2Boolean sd, fmi2Real t1) { (void)td; (void)tol; (void)sd; (void)t1; M_->t = t0; return fmi2OK; }
E fmi2Status fmi2EnterInitializationMode(fmi2Component c) { (void)c; return fmi2OK; }
E fmi2Status fmi2ExitInitializationMode(fmi2Component c) { compute(M_); return fmi2OK; }
E fmi2Status fmi2Terminate(fmi2Component c) { (void)c; return fmi2OK; }
E fmi2Status fmi2Reset(fmi2Component c) { memset(M_, 0, sizeof(M)); begin(M_); return fmi2OK; }
E fmi2Status fmi2GetReal(fmi2Component c, const fmi2ValueReference v[], size_t n, fmi2Real x[]) {
  compute(M_);
  for (size_t k = 0; k < n; k++) { if (v[k] > 31) return fmi2Error; x[k] = M_->r[v[k]]; }
  return fmi2OK;
}
E fmi2Status fmi2SetReal(fmi2Component c, const fmi2ValueReference v[], size_t n, const fmi2Real x[]) { for (size_t k = 0; k < n; k++) M_->r[v[k]] = x[k]; return fmi2OK; }
E fmi2Status fmi2GetInteger(fmi2Component c, const fmi2ValueReference v[], size_t n, fmi2Integer x[]) { for (size_t k = 0; k < n; k++) x[k] = ((I *)c)->i[v[k] % 8]; return fmi2OK; }
E fmi2Status fmi2SetInteger(fmi2Component c, const fmi2ValueReference v[], size_t n, const fmi2Integer x[]) { for (size_t k = 0; k < n; k++) ((I *)c)->i[v[k] % 8] = x[k]; return fmi2OK; }
E fmi2Status fmi2GetBoolean(fmi2Component c, const fmi2ValueReference v[], size_t n, fmi2Boolean x[]) { return fmi2GetInteger(c, v, n, x); }
E fmi2Status fmi2SetBoolean(fmi2Component c, const fmi2ValueReference v[], size_t n, const fmi2Boolean x[]) { return fmi2SetInteger(c, v, n, x); }
E fmi2Status fmi2GetString(fmi2Component c, const fmi2ValueReference v[], size_t n, fmi2String x[]) { for (size_t k = 0; k < n; k++) x[k] = ((I *)c)->s[v[k] % 8]; return fmi2OK; }
E fmi2Status fmi2SetString(fmi2Component c, const fmi2ValueReference v[], size_t n, const fmi2String x[]) { for (size_t k = 0; k < n; k++) strncpy(((I *)c)->s[v[k] % 8], x[k], 199); return fmi2OK; }
E fmi2Status fmi2GetFMUstate(fmi2Component c, fmi2FMUstate *s) { if (!*s) *s = malloc(sizeof(I)); memcpy(*s, c, sizeof(I)); return fmi2OK; }
E fmi2Status fmi2SetFMUstate(fmi2Component c, fmi2FMUstate s) { memcpy(c, s, sizeof(I)); return fmi2OK; }
E fmi2Status fmi2FreeFMUstate(fmi2Component c, fmi2FMUstate *s) { (void)c; free(*s); *s = NULL; return fmi2OK; }
E fmi2Status fmi2SerializedFMUstateSize(fmi2Component c, fmi2FMUstate s, size_t *n) { (void)c; (void)s; *n = sizeof(M); return fmi2OK; }
E fmi2Status fmi2SerializeFMUstate(fmi2Component c, fmi2FMUstate s, fmi2Byte b[], size_t n) { (void)c; memcpy(b, &((I *)s)->m, n); return fmi2OK; }
E fmi2Status fmi2DeSerializeFMUstate(fmi2Component c, const fmi2Byte b[], size_t n, fmi2FMUstate *s) {
  if (n != sizeof(M)) return fmi2Error;
  if (!*s) *s = malloc(sizeof(I));
  memcpy(*s, c, sizeof(I)); memcpy(&((I *)*s)->m, b, n);
  return fmi2OK;
}
E fmi2Status fmi2GetDirectionalDerivative(fmi2Component c, const fmi2ValueReference a[], size_t n, const fmi2ValueReference b[], size_t k, const fmi2Real x[], fmi2Real y[]) { (void)c; (void)a; (void)n; (void)b; (void)k; (void)x; (void)y; return fmi2Error; }
E fmi2Status fmi2SetRealInputDerivatives(fmi2Component c, const fmi2ValueReference v[], size_t n, const fmi2Integer o[], const fmi2Real x[]) { (void)c; (void)v; (void)n; (void)o; (void)x; return fmi2Error; }
E fmi2Status fmi2GetRealOutputDerivatives(fmi2Component c, const fmi2ValueReference v[], size_t n, const fmi2Integer o[], fmi2Real x[]) { (void)c; (void)v; (void)n; (void)o; (void)x; return fmi2Error; }
E fmi2Status fmi2DoStep(fmi2Component c, fmi2Real t, fmi2Real h, fmi2Boolean p) {
  (void)p;
#ifdef TROUBLE
  if (t > 0.5 && TROUBLE == 1) for (;;) {}
  if (t > 0.5 && TROUBLE == 2) { M_->r[0] = NAN; M_->t = t + h; return fmi2OK; }
  if (t > 0.5 && TROUBLE == 3) { M_->t = t + h / 2; return fmi2Discard; }
  if (t > 0.5 && TROUBLE == 4) { I *i = c; i->f->logger(i->env, "x", fmi2Fatal, "logStatusFatal", "memory of %s is gone", "the model"); return fmi2Fatal; }
  if (t > 0.5 && TROUBLE == 5) abort();
#endif
  advance(M_, t + h);
  return M_->over ? fmi2Discard : fmi2OK;
}
E fmi2Status fmi2CancelStep(fmi2Component c) { (void)c; return fmi2Error; }
E fmi2Status fmi2GetStatus(fmi2Component c, const fmi2StatusKind k, fmi2Status *x) { (void)c; (void)k; (void)x; return fmi2Discard; }
E fmi2Status fmi2GetRealStatus(fmi2Component c, const fmi2StatusKind k, fmi2Real *x) { (void)k; *x = M_->t; return fmi2OK; }
E fmi2Status fmi2GetIntegerStatus(fmi2Component c, const fmi2StatusKind k, fmi2Integer *x) { (void)c; (void)k; (void)x; return fmi2Discard; }
E fmi2Status fmi2GetBooleanStatus(fmi2Component c, const fmi2StatusKind k, fmi2Boolean *x) { (void)k; *x = M_->over; return fmi2OK; }
E fmi2Status fmi2GetStringStatus(fmi2Component c, const fmi2StatusKind k, fmi2String *x) { (void)c; (void)k; (void)x; return fmi2Discard; }
E fmi2Status fmi2EnterEventMode(fmi2Component c) { (void)c; return fmi2OK; }
E fmi2Status fmi2NewDiscreteStates(fmi2Component c, fmi2EventInfo *e) {
  memset(e, 0, sizeof(*e));
  e->valuesOfContinuousStatesChanged = event(M_);
  e->terminateSimulation = M_->over;
  e->nextEventTimeDefined = M_->timed; e->nextEventTime = M_->next;
  return fmi2OK;
}
E fmi2Status fmi2EnterContinuousTimeMode(fmi2Component c) { (void)c; return fmi2OK; }
E fmi2Status fmi2CompletedIntegratorStep(fmi2Component c, fmi2Boolean n, fmi2Boolean *e, fmi2Boolean *t) { (void)c; (void)n; *e = 0; *t = 0; return fmi2OK; }
E fmi2Status fmi2SetTime(fmi2Component c, fmi2Real t) { M_->t = t; return fmi2OK; }
E fmi2Status fmi2SetContinuousStates(fmi2Component c, const fmi2Real x[], size_t n) { memcpy(M_->r, x, n * sizeof(double)); return fmi2OK; }
E fmi2Status fmi2GetDerivatives(fmi2Component c, fmi2Real x[], size_t n) { compute(M_); memcpy(x, M_->r + NX, n * sizeof(double)); return fmi2OK; }
E fmi2Status fmi2GetEventIndicators(fmi2Component c, fmi2Real z[], size_t n) { (void)n; indicators(M_, z); return fmi2OK; }
E fmi2Status fmi2GetContinuousStates(fmi2Component c, fmi2Real x[], size_t n) { memcpy(x, M_->r, n * sizeof(double)); return fmi2OK; }
E fmi2Status fmi2GetNominalsOfContinuousStates(fmi2Component c, fmi2Real x[], size_t n) { (void)c; for (size_t k = 0; k < n; k++) x[k] = 1; return fmi2OK; }
