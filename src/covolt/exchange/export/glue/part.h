/* One instance of an exported part: its values, its state, and what may be done with them when.
   model.h, written for each part, says how many there are and what they are called. */

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

#if defined _WIN32
#define DOOR __declspec(dllexport)
#else
#define DOOR __attribute__((visibility("default")))
#endif

/* Values by their reference: the time, parameters, inputs, outputs, constants. */
#define INPUT (1 + PARAMETERS)
#define OUTPUT (INPUT + INPUTS)
#define CONSTANT (OUTPUT + OUTPUTS)
#define VALUES (CONSTANT + CONSTANTS)
#define OK 0
#define DISCARD 2
#define ERROR 3

enum phase { INSTANTIATED, INITIALISING, STEPPING, TERMINATED, FAILED };

typedef struct {
    double values[VALUES];
    double states[STATES + 1];
    double phase;
    double begun; /* whether the outputs belong to the parameters */
} Memory;

typedef struct Instance Instance;
struct Instance {
    Memory now;
    void (*tell)(Instance *, int status, const char *message);
    void *environment;
    void *logger;
    char *name;
};

void part_begin(long long, long long, const double *, const double *, const void *, const double *, double *,
                const double *, double *, double *);
void part_step(long long, long long, const double *, const double *, const void *, const double *, double *,
               const double *, double *, double *);
extern const void *const part_tables[];

static int finite(double x) { return x - x == 0.0; }

static int told(Instance *one, int status, const char *first, const char *name, const char *last) {
    char message[512];
    const char *parts[3];
    size_t length = 0;
    parts[0] = first, parts[1] = name, parts[2] = last;
    for (int n = 0; n < 3; n++)
        for (const char *c = parts[n]; *c && length < sizeof message - 1; c++) message[length++] = *c == '%' ? ' ' : *c;
    message[length] = 0;
    if (one->tell) one->tell(one, status, message);
    return status;
}

static int failed(Instance *one, const char *first, const char *name, const char *last) {
    one->now.phase = FAILED;
    return told(one, ERROR, first, name, last);
}

static void renewed(Instance *one) {
    memset(&one->now, 0, sizeof one->now);
    memcpy(one->now.values, initial, sizeof one->now.values);
    one->now.phase = INSTANTIATED;
}

static Instance *made(const char *name, const char *token) {
    Instance *one;
    if (!name || !token || strcmp(token, TOKEN) != 0) return NULL;
    one = calloc(1, sizeof *one);
    if (!one) return NULL;
    one->name = malloc(strlen(name) + 1);
    if (!one->name) {
        free(one);
        return NULL;
    }
    memcpy(one->name, name, strlen(name) + 1);
    renewed(one);
    return one;
}

static void ended(Instance *one) {
    if (one) free(one->name);
    free(one);
}

static void begin(Instance *one) {
    double *v = one->now.values;
    part_begin(1, 1, NULL, v + 1, part_tables, NULL, one->now.states, NULL, v + OUTPUT, NULL);
    one->now.begun = 1.0;
}

static int begun(Instance *one) {
    for (size_t n = 1; n < OUTPUT; n++)
        if (!finite(one->now.values[n])) return failed(one, "'", names[n], "' is not a finite number");
    begin(one);
    for (size_t n = OUTPUT; n < CONSTANT; n++)
        if (!finite(one->now.values[n]))
            return failed(one, "with these parameters '", names[n], "' is not a finite number");
    one->now.phase = STEPPING;
    return OK;
}

/* One number read or written; `truth` says whether it is asked for as a truth. */
static int got(Instance *one, unsigned reference, int truth, double *value) {
    if (one->now.phase == FAILED) return told(one, ERROR, "the part has failed", "", "; only reset or an end may follow");
    if (reference >= VALUES || truths[reference] != truth)
        return told(one, ERROR, "there is no variable of this type with this reference", "", "");
    if (reference >= OUTPUT && reference < CONSTANT && !one->now.begun) begin(one);
    *value = one->now.values[reference];
    return OK;
}

static int put(Instance *one, unsigned reference, int truth, double value) {
    if (reference >= VALUES || truths[reference] != truth)
        return told(one, ERROR, "there is no variable of this type with this reference", "", "");
    if (reference == 0 || reference >= OUTPUT) return told(one, ERROR, "'", names[reference], "' cannot be set");
    if (one->now.phase > STEPPING) return told(one, ERROR, "'", names[reference], "' cannot be set any more");
    if (reference < INPUT && one->now.phase == STEPPING)
        return told(one, ERROR, "'", names[reference], "' is fixed: set it before the first step");
    if (!finite(value)) return told(one, ERROR, "'", names[reference], "' is not a finite number");
    one->now.values[reference] = value;
    if (one->now.phase != STEPPING) one->now.begun = 0.0;
    return OK;
}

static int initialising(Instance *one, double start) {
    if (one->now.phase != INSTANTIATED) return told(one, ERROR, "initialisation comes first and once", "", "");
    if (!finite(start)) return told(one, ERROR, "the start time", "", " is not a finite number");
    one->now.values[0] = start;
    one->now.phase = INITIALISING;
    return OK;
}

static int initialised(Instance *one) {
    if (one->now.phase != INITIALISING) return told(one, ERROR, "initialisation has not begun", "", "");
    return begun(one);
}

static int stepped(Instance *one, double from, double length) {
    double columns[1 + INPUTS], *v = one->now.values, away = from - v[0];
    if (one->now.phase != STEPPING) return told(one, ERROR, "there is no step before initialisation or after the end", "", "");
    if (!finite(from) || !finite(length) || !(length > 0.0))
        return told(one, ERROR, "the step is not a positive finite length of time", "", "");
    /* Times of a master may be rounded sums; another time than that is a step back that nobody asked for. */
    if ((away < 0.0 ? -away : away) > 1e-3 * length + 1e-9 * (v[0] < 0.0 ? -v[0] : v[0]))
        return told(one, ERROR, "the step does not begin where the last one ended", "", "");
    columns[0] = length;
    memcpy(columns + 1, v + INPUT, INPUTS * sizeof *v);
    part_step(1, 1, NULL, v + 1, part_tables, columns, one->now.states, NULL, v + OUTPUT, NULL);
    v[0] = from + length;
    for (size_t n = OUTPUT; n < CONSTANT; n++)
        if (!finite(v[n])) return failed(one, "after this step '", names[n], "' is not a finite number");
    return OK;
}

static int terminated(Instance *one) {
    one->now.phase = TERMINATED;
    return OK;
}

/* Kept states are whole memories; as bytes they follow a mark of this very model. */
static int kept(Instance *one, void **state) {
    if (!*state) *state = malloc(sizeof(Memory));
    if (!*state) return told(one, ERROR, "there is no memory", "", " for a state");
    memcpy(*state, &one->now, sizeof(Memory));
    return OK;
}

static int restored(Instance *one, const void *state) {
    if (!state) return told(one, ERROR, "no state is given", "", "");
    memcpy(&one->now, state, sizeof(Memory));
    return OK;
}

#define MARK (sizeof TOKEN)

static int written(Instance *one, const void *state, char *bytes, size_t size) {
    if (!state || size < MARK + sizeof(Memory)) return told(one, ERROR, "there is no room", "", " for the state");
    memcpy(bytes, TOKEN, MARK);
    memcpy(bytes + MARK, state, sizeof(Memory));
    return OK;
}

static int read_back(Instance *one, const char *bytes, size_t size, void **state) {
    if (size != MARK + sizeof(Memory) || memcmp(bytes, TOKEN, MARK) != 0)
        return told(one, ERROR, "these bytes are no state", "", " of this model");
    if (!*state) *state = malloc(sizeof(Memory));
    if (!*state) return told(one, ERROR, "there is no memory", "", " for a state");
    memcpy(*state, bytes + MARK, sizeof(Memory));
    return OK;
}
