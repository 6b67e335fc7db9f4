/* The functions of FMI 2.0 for co-simulation around one instance of an exported part. */

#include "part.h"

typedef void (*Logger)(void *, const char *, int, const char *, const char *, ...);
typedef struct {
    Logger logger;
    void *(*allocate)(size_t, size_t);
    void (*release)(void *);
    void (*finished)(void *, int);
    void *environment;
} Callbacks;
typedef struct {
    int needed, terminate, nominals, values, defined;
    double next;
} EventInfo;

#define REFERENCES const unsigned references[], size_t count

static void tell(Instance *one, int status, const char *message) {
    /* Some importers read the form alone and not what follows it: the message is the form, and holds no sign of one. */
    if (one->logger) ((Logger)one->logger)(one->environment, one->name, status, "logStatusError", message);
}

DOOR const char *fmi2GetTypesPlatform(void) { return "default"; }
DOOR const char *fmi2GetVersion(void) { return "2.0"; }
DOOR int fmi2SetDebugLogging(void *c, int on, size_t count, const char *const categories[]) {
    (void)c, (void)on, (void)count, (void)categories;
    return OK;
}

DOOR void *fmi2Instantiate(const char *name, int type, const char *token, const char *resources, const Callbacks *with,
                           int visible, int logging) {
    Instance *one = type == 1 ? made(name, token) : NULL;
    (void)resources, (void)visible, (void)logging;
    if (!one) {
        if (with && with->logger)
            with->logger(with->environment, name ? name : "", ERROR, "logStatusError",
                         type == 1 ? "the GUID is not that of this model" : "this model is made for co-simulation only");
        return NULL;
    }
    one->tell = tell;
    if (with) one->logger = (void *)with->logger, one->environment = with->environment;
    return one;
}
DOOR void fmi2FreeInstance(void *c) { ended(c); }
DOOR int fmi2SetupExperiment(void *c, int tolerant, double tolerance, double start, int stops, double stop) {
    Instance *one = c;
    (void)tolerant, (void)tolerance, (void)stops, (void)stop;
    if (one->now.phase != INSTANTIATED) return told(one, ERROR, "the experiment is set up before initialisation", "", "");
    one->now.values[0] = start;
    return OK;
}
DOOR int fmi2EnterInitializationMode(void *c) { return initialising(c, ((Instance *)c)->now.values[0]); }
DOOR int fmi2ExitInitializationMode(void *c) { return initialised(c); }
DOOR int fmi2Terminate(void *c) { return terminated(c); }
DOOR int fmi2Reset(void *c) {
    renewed(c);
    return OK;
}

DOOR int fmi2GetReal(void *c, REFERENCES, double value[]) {
    for (size_t n = 0; n < count; n++)
        if (got(c, references[n], 0, value + n) != OK) return ERROR;
    return OK;
}
DOOR int fmi2SetReal(void *c, REFERENCES, const double value[]) {
    for (size_t n = 0; n < count; n++)
        if (put(c, references[n], 0, value[n]) != OK) return ERROR;
    return OK;
}
DOOR int fmi2GetBoolean(void *c, REFERENCES, int value[]) {
    for (size_t n = 0; n < count; n++) {
        double found;
        if (got(c, references[n], 1, &found) != OK) return ERROR;
        value[n] = found != 0.0;
    }
    return OK;
}
DOOR int fmi2SetBoolean(void *c, REFERENCES, const int value[]) {
    for (size_t n = 0; n < count; n++)
        if (put(c, references[n], 1, value[n] ? 1.0 : 0.0) != OK) return ERROR;
    return OK;
}
static int none(Instance *one, size_t count) {
    return count ? told(one, ERROR, "there is no variable of this type", "", "") : OK;
}
DOOR int fmi2GetInteger(void *c, REFERENCES, int value[]) { return (void)references, (void)value, none(c, count); }
DOOR int fmi2SetInteger(void *c, REFERENCES, const int value[]) { return (void)references, (void)value, none(c, count); }
DOOR int fmi2GetString(void *c, REFERENCES, const char *value[]) { return (void)references, (void)value, none(c, count); }
DOOR int fmi2SetString(void *c, REFERENCES, const char *const value[]) {
    return (void)references, (void)value, none(c, count);
}

DOOR int fmi2GetFMUstate(void *c, void **state) { return kept(c, state); }
DOOR int fmi2SetFMUstate(void *c, void *state) { return restored(c, state); }
DOOR int fmi2FreeFMUstate(void *c, void **state) {
    (void)c;
    if (state) free(*state), *state = NULL;
    return OK;
}
DOOR int fmi2SerializedFMUstateSize(void *c, void *state, size_t *size) {
    (void)c, (void)state;
    *size = MARK + sizeof(Memory);
    return OK;
}
DOOR int fmi2SerializeFMUstate(void *c, void *state, char bytes[], size_t size) { return written(c, state, bytes, size); }
DOOR int fmi2DeSerializeFMUstate(void *c, const char bytes[], size_t size, void **state) {
    return read_back(c, bytes, size, state);
}

DOOR int fmi2DoStep(void *c, double from, double length, int keeps) { return (void)keeps, stepped(c, from, length); }
DOOR int fmi2CancelStep(void *c) { return told(c, ERROR, "no step is waiting", "", ""); }
DOOR int fmi2GetRealStatus(void *c, int kind, double *value) {
    if (kind != 2) return DISCARD;
    *value = ((Instance *)c)->now.values[0];
    return OK;
}
DOOR int fmi2GetBooleanStatus(void *c, int kind, int *value) {
    if (kind != 3) return DISCARD;
    *value = ((Instance *)c)->now.phase >= TERMINATED;
    return OK;
}
DOOR int fmi2GetStatus(void *c, int kind, int *value) { return (void)c, (void)kind, (void)value, DISCARD; }
DOOR int fmi2GetIntegerStatus(void *c, int kind, int *value) { return (void)c, (void)kind, (void)value, DISCARD; }
DOOR int fmi2GetStringStatus(void *c, int kind, const char **value) { return (void)c, (void)kind, (void)value, DISCARD; }

/* What this model does not offer, as its description says. */
static int refused(void *c) { return told(c, ERROR, "this model does not offer this function", "", ""); }
DOOR int fmi2GetDirectionalDerivative(void *c, REFERENCES, const unsigned known[], size_t knowns, const double by[], double to[]) {
    return (void)references, (void)count, (void)known, (void)knowns, (void)by, (void)to, refused(c);
}
DOOR int fmi2SetRealInputDerivatives(void *c, REFERENCES, const int order[], const double value[]) {
    return (void)references, (void)count, (void)order, (void)value, refused(c);
}
DOOR int fmi2GetRealOutputDerivatives(void *c, REFERENCES, const int order[], double value[]) {
    return (void)references, (void)count, (void)order, (void)value, refused(c);
}
DOOR int fmi2EnterEventMode(void *c) { return refused(c); }
DOOR int fmi2NewDiscreteStates(void *c, EventInfo *info) { return (void)info, refused(c); }
DOOR int fmi2EnterContinuousTimeMode(void *c) { return refused(c); }
DOOR int fmi2CompletedIntegratorStep(void *c, int keeps, int *event, int *terminate) {
    return (void)keeps, (void)event, (void)terminate, refused(c);
}
DOOR int fmi2SetTime(void *c, double time) { return (void)time, refused(c); }
DOOR int fmi2SetContinuousStates(void *c, const double x[], size_t count) { return (void)x, (void)count, refused(c); }
DOOR int fmi2GetDerivatives(void *c, double x[], size_t count) { return (void)x, (void)count, refused(c); }
DOOR int fmi2GetEventIndicators(void *c, double x[], size_t count) { return (void)x, (void)count, refused(c); }
DOOR int fmi2GetContinuousStates(void *c, double x[], size_t count) { return (void)x, (void)count, refused(c); }
DOOR int fmi2GetNominalsOfContinuousStates(void *c, double x[], size_t count) { return (void)x, (void)count, refused(c); }
