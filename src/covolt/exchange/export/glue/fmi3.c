/* The functions of FMI 3.0 for co-simulation around one instance of an exported part. */

#include <stdbool.h>
#include <stdint.h>

#include "part.h"

typedef void (*Logger)(void *, int, const char *, const char *);

#define REFERENCES const unsigned references[], size_t count

static void tell(Instance *one, int status, const char *message) {
    if (one->logger) ((Logger)one->logger)(one->environment, status, "logStatusError", message);
}
static int refused(void *c) { return told(c, ERROR, "this model does not offer this function", "", ""); }
static int none(void *c, size_t count) {
    return count ? told(c, ERROR, "there is no variable of this type", "", "") : OK;
}

DOOR const char *fmi3GetVersion(void) { return "3.0"; }
DOOR int fmi3SetDebugLogging(void *c, bool on, size_t count, const char *const categories[]) {
    (void)c, (void)on, (void)count, (void)categories;
    return OK;
}
DOOR void *fmi3InstantiateCoSimulation(const char *name, const char *token, const char *resources, bool visible, bool logging,
                                       bool events, bool early, const unsigned wanted[], size_t count, void *environment,
                                       Logger logger, void *update) {
    Instance *one = made(name, token);
    (void)resources, (void)visible, (void)logging, (void)events, (void)early, (void)wanted, (void)count, (void)update;
    if (!one) {
        if (logger) logger(environment, ERROR, "logStatusError", "the instantiation token is not that of this model");
        return NULL;
    }
    one->tell = tell, one->logger = (void *)logger, one->environment = environment;
    return one;
}
DOOR void *fmi3InstantiateModelExchange(const char *name, const char *token, const char *resources, bool visible, bool logging,
                                        void *environment, Logger logger) {
    (void)name, (void)token, (void)resources, (void)visible, (void)logging;
    if (logger) logger(environment, ERROR, "logStatusError", "this model is made for co-simulation only");
    return NULL;
}
DOOR void *fmi3InstantiateScheduledExecution(const char *name, const char *token, const char *resources, bool visible,
                                             bool logging, void *environment, Logger logger, void *clock, void *lock,
                                             void *unlock) {
    (void)clock, (void)lock, (void)unlock;
    return fmi3InstantiateModelExchange(name, token, resources, visible, logging, environment, logger);
}
DOOR void fmi3FreeInstance(void *c) { ended(c); }
DOOR int fmi3EnterInitializationMode(void *c, bool tolerant, double tolerance, double start, bool stops, double stop) {
    (void)tolerant, (void)tolerance, (void)stops, (void)stop;
    return initialising(c, start);
}
DOOR int fmi3ExitInitializationMode(void *c) { return initialised(c); }
DOOR int fmi3Terminate(void *c) { return terminated(c); }
DOOR int fmi3Reset(void *c) {
    renewed(c);
    return OK;
}

DOOR int fmi3GetFloat64(void *c, REFERENCES, double values[], size_t size) {
    if (size != count) return told(c, ERROR, "there are not as many values as references", "", "");
    for (size_t n = 0; n < count; n++)
        if (got(c, references[n], 0, values + n) != OK) return ERROR;
    return OK;
}
DOOR int fmi3SetFloat64(void *c, REFERENCES, const double values[], size_t size) {
    if (size != count) return told(c, ERROR, "there are not as many values as references", "", "");
    for (size_t n = 0; n < count; n++)
        if (put(c, references[n], 0, values[n]) != OK) return ERROR;
    return OK;
}
DOOR int fmi3GetBoolean(void *c, REFERENCES, bool values[], size_t size) {
    if (size != count) return told(c, ERROR, "there are not as many values as references", "", "");
    for (size_t n = 0; n < count; n++) {
        double found;
        if (got(c, references[n], 1, &found) != OK) return ERROR;
        values[n] = found != 0.0;
    }
    return OK;
}
DOOR int fmi3SetBoolean(void *c, REFERENCES, const bool values[], size_t size) {
    if (size != count) return told(c, ERROR, "there are not as many values as references", "", "");
    for (size_t n = 0; n < count; n++)
        if (put(c, references[n], 1, values[n] ? 1.0 : 0.0) != OK) return ERROR;
    return OK;
}

#define NONE_OF(NAME, TYPE)                                                                           \
    DOOR int fmi3Get##NAME(void *c, REFERENCES, TYPE values[], size_t size) {                         \
        return (void)references, (void)values, (void)size, none(c, count);                            \
    }                                                                                                 \
    DOOR int fmi3Set##NAME(void *c, REFERENCES, const TYPE values[], size_t size) {                   \
        return (void)references, (void)values, (void)size, none(c, count);                            \
    }
NONE_OF(Float32, float)
NONE_OF(Int8, int8_t)
NONE_OF(UInt8, uint8_t)
NONE_OF(Int16, int16_t)
NONE_OF(UInt16, uint16_t)
NONE_OF(Int32, int32_t)
NONE_OF(UInt32, uint32_t)
NONE_OF(Int64, int64_t)
NONE_OF(UInt64, uint64_t)
typedef const char *Text;
NONE_OF(String, Text)
DOOR int fmi3GetBinary(void *c, REFERENCES, size_t sizes[], const uint8_t *values[], size_t size) {
    return (void)references, (void)sizes, (void)values, (void)size, none(c, count);
}
DOOR int fmi3SetBinary(void *c, REFERENCES, const size_t sizes[], const uint8_t *const values[], size_t size) {
    return (void)references, (void)sizes, (void)values, (void)size, none(c, count);
}
DOOR int fmi3GetClock(void *c, REFERENCES, bool values[]) { return (void)references, (void)values, none(c, count); }
DOOR int fmi3SetClock(void *c, REFERENCES, const bool values[]) { return (void)references, (void)values, none(c, count); }

DOOR int fmi3GetFMUState(void *c, void **state) { return kept(c, state); }
DOOR int fmi3SetFMUState(void *c, void *state) { return restored(c, state); }
DOOR int fmi3FreeFMUState(void *c, void **state) {
    (void)c;
    if (state) free(*state), *state = NULL;
    return OK;
}
DOOR int fmi3SerializedFMUStateSize(void *c, void *state, size_t *size) {
    (void)c, (void)state;
    *size = MARK + sizeof(Memory);
    return OK;
}
DOOR int fmi3SerializeFMUState(void *c, void *state, uint8_t bytes[], size_t size) {
    return written(c, state, (char *)bytes, size);
}
DOOR int fmi3DeserializeFMUState(void *c, const uint8_t bytes[], size_t size, void **state) {
    return read_back(c, (const char *)bytes, size, state);
}

DOOR int fmi3DoStep(void *c, double from, double length, bool keeps, bool *event, bool *terminate, bool *early, double *reached) {
    int status = stepped(c, from, length);
    (void)keeps;
    *event = *terminate = *early = false;
    *reached = ((Instance *)c)->now.values[0];
    return status;
}

/* What this model does not offer, as its description says. */
#define REFUSES(NAME) \
    DOOR int fmi3##NAME(void *c) { return refused(c); }
#define BOTH const unsigned unknowns[], size_t n, const unsigned knowns[], size_t m, const double by[], size_t o, double to[], size_t p
DOOR int fmi3GetNumberOfVariableDependencies(void *c, unsigned reference, size_t *count) {
    (void)reference, (void)count;
    return refused(c);
}
DOOR int fmi3GetVariableDependencies(void *c, unsigned one, size_t of[], unsigned others[], size_t elements[], int kinds[],
                                     size_t count) {
    (void)one, (void)of, (void)others, (void)elements, (void)kinds, (void)count;
    return refused(c);
}
REFUSES(EnterEventMode)
REFUSES(EnterConfigurationMode)
REFUSES(ExitConfigurationMode)
REFUSES(EvaluateDiscreteStates)
REFUSES(EnterContinuousTimeMode)
REFUSES(EnterStepMode)
DOOR int fmi3GetDirectionalDerivative(void *c, BOTH) {
    (void)unknowns, (void)n, (void)knowns, (void)m, (void)by, (void)o, (void)to, (void)p;
    return refused(c);
}
DOOR int fmi3GetAdjointDerivative(void *c, BOTH) {
    (void)unknowns, (void)n, (void)knowns, (void)m, (void)by, (void)o, (void)to, (void)p;
    return refused(c);
}
DOOR int fmi3GetIntervalDecimal(void *c, REFERENCES, double values[], int kinds[]) {
    return (void)references, (void)values, (void)kinds, none(c, count);
}
DOOR int fmi3GetIntervalFraction(void *c, REFERENCES, uint64_t counters[], uint64_t resolutions[], int kinds[]) {
    return (void)references, (void)counters, (void)resolutions, (void)kinds, none(c, count);
}
DOOR int fmi3GetShiftDecimal(void *c, REFERENCES, double values[]) { return (void)references, (void)values, none(c, count); }
DOOR int fmi3GetShiftFraction(void *c, REFERENCES, uint64_t counters[], uint64_t resolutions[]) {
    return (void)references, (void)counters, (void)resolutions, none(c, count);
}
DOOR int fmi3SetIntervalDecimal(void *c, REFERENCES, const double values[]) {
    return (void)references, (void)values, none(c, count);
}
DOOR int fmi3SetIntervalFraction(void *c, REFERENCES, const uint64_t counters[], const uint64_t resolutions[]) {
    return (void)references, (void)counters, (void)resolutions, none(c, count);
}
DOOR int fmi3SetShiftDecimal(void *c, REFERENCES, const double values[]) {
    return (void)references, (void)values, none(c, count);
}
DOOR int fmi3SetShiftFraction(void *c, REFERENCES, const uint64_t counters[], const uint64_t resolutions[]) {
    return (void)references, (void)counters, (void)resolutions, none(c, count);
}
DOOR int fmi3UpdateDiscreteStates(void *c, bool *again, bool *terminate, bool *nominals, bool *values, bool *defined, double *next) {
    (void)again, (void)terminate, (void)nominals, (void)values, (void)defined, (void)next;
    return refused(c);
}
DOOR int fmi3CompletedIntegratorStep(void *c, bool keeps, bool *event, bool *terminate) {
    (void)keeps, (void)event, (void)terminate;
    return refused(c);
}
DOOR int fmi3SetTime(void *c, double time) { return (void)time, refused(c); }
DOOR int fmi3SetContinuousStates(void *c, const double x[], size_t n) { return (void)x, (void)n, refused(c); }
DOOR int fmi3GetContinuousStateDerivatives(void *c, double x[], size_t n) { return (void)x, (void)n, refused(c); }
DOOR int fmi3GetEventIndicators(void *c, double x[], size_t n) { return (void)x, (void)n, refused(c); }
DOOR int fmi3GetContinuousStates(void *c, double x[], size_t n) { return (void)x, (void)n, refused(c); }
DOOR int fmi3GetNominalsOfContinuousStates(void *c, double x[], size_t n) { return (void)x, (void)n, refused(c); }
DOOR int fmi3GetNumberOfEventIndicators(void *c, size_t *n) { return (void)n, refused(c); }
DOOR int fmi3GetNumberOfContinuousStates(void *c, size_t *n) { return (void)n, refused(c); }
DOOR int fmi3GetOutputDerivatives(void *c, REFERENCES, const int32_t orders[], double values[], size_t size) {
    return (void)references, (void)count, (void)orders, (void)values, (void)size, refused(c);
}
DOOR int fmi3ActivateModelPartition(void *c, unsigned clock, double time) { return (void)clock, (void)time, refused(c); }
