/* A component of the layered standard FMI-LS-WASM: a first-order lag with arrays, texts, bytes, whole numbers and a clock.

   T dx/dt = u - x, solved exactly over a step; x is set back to `high` when it would leave it (model exchange: an event).

   reference  variable                      reference  variable
   0          time                          8          flag, boolean input
   1          u, input                      9          big, int64 parameter
   2          x, output                     10         word, string parameter
   3          T, parameter                  11         bytes, binary input
   4          dx/dt                         12         echoed bytes, output
   5          n, structural, uint64         13         tick, triggered clock
   6          v[n], input                   14         ticks counted, int32 output
   7          s = sum of v, output          15         what to do wrong, int32 parameter (see below)
   16         what was read, binary output  17         name of what is to be read, string parameter
   18         half of u, float32 output

   Results go through `area`; lists that come in lie where the library's realloc put them. */
#include <stdint.h>
#include <stddef.h>

#ifdef MODEL_EXCHANGE
#define INSTANTIATE "instantiate-model-exchange"
#else
#define INSTANTIATE "instantiate-co-simulation"
#endif

#define EXPORT(name) __attribute__((export_name(name)))
#define HOST(name) __attribute__((import_module("host"), import_name(name)))
HOST("new") int32_t handle_new(int32_t rep);
HOST("log") void host_log(const char *name, uint32_t n, int32_t status, const char *cat, uint32_t c, const char *text, uint32_t t);
HOST("read-file") void host_read(const char *path, uint32_t n, void *area);

typedef struct { uint32_t at, count; } list;
typedef struct { uint8_t failed; union { list l; uint8_t status; } u; } either_list;
typedef struct { uint8_t failed; union { uint64_t n; uint8_t status; } u; } either_count;

enum { OK, WARNING, DISCARD, ERROR, FATAL };
enum { RIGHT, LOOP, EAT, SHORT, TRAP, STEP_DISCARD, STEP_FATAL, NOT_A_NUMBER, STEP_ERROR, LONG, LOOP_IN_DTOR, FLOOD, EARLY,
       DEEP, SAY_FILE, WRONG_STATUS, RISING, HUGE_LIST };

#define MOST 20000
static double T, x, u, t, low_u, next_time;
static uint64_t n;
static double v[MOST];
static int32_t flag, wrong, ticks, tick, mode_is_event;
static int64_t big;
static char word[256], name[256], file[256];
static uint32_t word_count, name_count, file_count;
static uint8_t bytes[65536], got[65536], state_out[64];
static uint32_t byte_count, got_count;
static double out[MOST];
static uint8_t small[4096];
static list texts[64];
static either_list area;
static either_count counted;

static void copy(void *to, const void *from, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) ((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
}

static void begin(void) {
  T = 2; x = 0; u = 0; t = 0; n = 3; flag = 0; wrong = RIGHT; ticks = 0; tick = 0; big = 0;
  word_count = file_count = byte_count = got_count = 0; mode_is_event = 0; next_time = 0;
  for (int i = 0; i < 3; ++i) v[i] = 0;
}

static uint32_t text_length(const char *text) { uint32_t i = 0; while (text[i]) ++i; return i; }
static void say(int32_t status, const char *text) { host_log(name, name_count, status, "test", 4, text, text_length(text)); }

static either_list *gave(const void *at, uint32_t count) {
  area.failed = 0; area.u.l.at = (uint32_t)(uintptr_t)at; area.u.l.count = count;
  return &area;
}
static either_list *refused(uint8_t status) { area.failed = 1; area.u.status = status; return &area; }

static double e_to(double y) { /* exp by halving and its series, to rounding */
  int halved = 0;
  while (y < -0.1 || y > 0.1) { y *= 0.5; ++halved; }
  double sum = 1, term = 1;
  for (int i = 1; i < 14; ++i) { term *= y / i; sum += term; }
  while (halved--) sum *= sum;
  return sum;
}

static double slope(void) { return (u - x) / T; }

/* instances */
typedef struct { uint8_t some; int32_t handle; } made;
static made one;
EXPORT(INSTANTIATE)
made *instantiate(const char *named, uint32_t named_count, const char *token, uint32_t token_count, int32_t visible,
                  int32_t logging
#ifndef MODEL_EXCHANGE
                  , int32_t event_mode, int32_t early, const uint32_t *wanted, uint32_t wanted_count
#endif
) {
  begin();
  name_count = named_count < 255 ? named_count : 255;
  copy(name, named, name_count);
  one.some = token_count == 4 && token[0] == '{' && token[1] == 'o' && token[2] == 'k' && token[3] == '}';
  if (!one.some) { say(ERROR, "the token is not mine"); return &one; }
  if (logging) say(OK, "made");
  one.handle = handle_new(7);
  return &one;
}

/* typed values */
#define GET(label, kind, body)                                                              \
  EXPORT("get-" label) either_list *get_##kind(int32_t self, const uint32_t *refs, uint32_t count)
#define SET(label, kind, element)                                                                        \
  EXPORT("set-" label) int32_t set_##kind(int32_t self, const uint32_t *refs, uint32_t count, const element *values, uint32_t given)

GET("float64", float64, ) {
  uint32_t k = 0;
  for (uint32_t i = 0; i < count; ++i) switch (refs[i]) {
    case 0: out[k++] = t; break;
    case 1: out[k++] = u; break;
    case 2: out[k++] = wrong == NOT_A_NUMBER && t > 0 ? __builtin_nan("") : x; break;
    case 3: out[k++] = T; break;
    case 4: out[k++] = slope(); break;
    case 6: for (uint64_t j = 0; j < n; ++j) out[k++] = v[j]; break;
    case 7: { double sum = 0; for (uint64_t j = 0; j < n; ++j) sum += v[j]; out[k++] = sum; break; }
    default: return refused(ERROR);
  }
  if (wrong == SHORT && k && t > 0) --k;
  if (wrong == LONG && t > 0) return gave(out, 900000);
  return gave(out, k);
}
SET("float64", float64, double) {
  uint32_t k = 0;
  for (uint32_t i = 0; i < count; ++i) switch (refs[i]) {
    case 1: u = values[k++]; break;
    case 3: T = values[k++]; break;
    case 6: if (n > MOST) return ERROR; for (uint64_t j = 0; j < n; ++j) v[j] = values[k++]; break;
    case 2: x = values[k++]; break;
    default: say(ERROR, "no such float64"); return ERROR;
  }
  return k == given ? OK : ERROR;
}
GET("float32", float32, ) {
  float *to = (float *)small;
  for (uint32_t i = 0; i < count; ++i) { if (refs[i] != 18) return refused(ERROR); to[i] = (float)(u / 2); }
  return gave(small, count);
}
GET("uint64", uint64, ) {
  uint64_t *to = (uint64_t *)small;
  for (uint32_t i = 0; i < count; ++i) { if (refs[i] != 5) return refused(ERROR); to[i] = n; }
  return gave(small, count);
}
SET("uint64", uint64, uint64_t) {
  for (uint32_t i = 0; i < count; ++i) { if (refs[i] != 5 || values[i] > MOST) return ERROR; n = values[i]; }
  return OK;
}
GET("int64", int64, ) {
  int64_t *to = (int64_t *)small;
  for (uint32_t i = 0; i < count; ++i) { if (refs[i] != 9) return refused(ERROR); to[i] = big; }
  return gave(small, count);
}
SET("int64", int64, int64_t) {
  for (uint32_t i = 0; i < count; ++i) { if (refs[i] != 9) return ERROR; big = values[i]; }
  return OK;
}
GET("int32", int32, ) {
  int32_t *to = (int32_t *)small;
  for (uint32_t i = 0; i < count; ++i) switch (refs[i]) {
    case 14: to[i] = ticks; break;
    case 15: to[i] = wrong; break;
    default: return refused(ERROR);
  }
  return gave(small, count);
}
static void read_named(void);
SET("int32", int32, int32_t) {
  for (uint32_t i = 0; i < count; ++i) {
    if (refs[i] != 15) return ERROR;
    wrong = values[i];
    *(volatile int32_t *)2097152 = wrong == LOOP_IN_DTOR;
  }
  return OK;
}
GET("boolean", boolean, ) {
  if (wrong == HUGE_LIST) { __builtin_wasm_memory_grow(0, 3200); return gave(0, 200000000); }
  for (uint32_t i = 0; i < count; ++i) { if (refs[i] != 8) return refused(ERROR); small[i] = (uint8_t)flag; }
  return gave(small, count);
}
SET("boolean", boolean, uint8_t) {
  for (uint32_t i = 0; i < count; ++i) { if (refs[i] != 8) return ERROR; flag = values[i]; }
  return OK;
}
GET("string", string, ) {
  for (uint32_t i = 0; i < count; ++i) {
    if (refs[i] != 10 && refs[i] != 17) return refused(ERROR);
    texts[i].at = (uint32_t)(uintptr_t)(refs[i] == 10 ? word : file);
    texts[i].count = refs[i] == 10 ? word_count : file_count;
  }
  return gave(texts, count);
}
SET("string", string, list) {
  for (uint32_t i = 0; i < count; ++i) {
    char *to = refs[i] == 10 ? word : file;
    if ((refs[i] != 10 && refs[i] != 17) || values[i].count > 255) return ERROR;
    copy(to, (const void *)(uintptr_t)values[i].at, values[i].count);
    *(refs[i] == 10 ? &word_count : &file_count) = values[i].count;
  }
  return OK;
}
GET("binary", binary, ) {
  for (uint32_t i = 0; i < count; ++i) {
    if (refs[i] != 11 && refs[i] != 12 && refs[i] != 16) return refused(ERROR);
    texts[i].at = (uint32_t)(uintptr_t)(refs[i] == 16 ? got : bytes);
    texts[i].count = refs[i] == 16 ? got_count : byte_count;
  }
  return gave(texts, count);
}
SET("binary", binary, list) {
  for (uint32_t i = 0; i < count; ++i) {
    if (refs[i] != 11 || values[i].count > sizeof bytes) return ERROR;
    copy(bytes, (const void *)(uintptr_t)values[i].at, byte_count = values[i].count);
  }
  return OK;
}
GET("clock", clock, ) {
  for (uint32_t i = 0; i < count; ++i) { if (refs[i] != 13) return refused(ERROR); small[i] = (uint8_t)tick; }
  return gave(small, count);
}
SET("clock", clock, uint8_t) {
  for (uint32_t i = 0; i < count; ++i) { if (refs[i] != 13) return ERROR; tick = values[i]; }
  return OK;
}
#define NONE(label, kind, element)                   \
  GET(label, kind, ) { return count ? refused(ERROR) : gave(small, 0); } \
  SET(label, kind, element) { return count ? ERROR : OK; }
NONE("int8", int8, int8_t)
NONE("int16", int16, int16_t)
NONE("uint8", uint8, uint8_t)
NONE("uint16", uint16, uint16_t)
NONE("uint32", uint32, uint32_t)
SET("float32", float32, float) { return count ? ERROR : OK; }

/* modes */
EXPORT("set-debug-logging") int32_t set_debug_logging(int32_t self, int32_t on, const list *c, uint32_t k) { return OK; }
EXPORT("enter-initialization-mode")
int32_t enter_initialization_mode(int32_t self, int32_t has, double tolerance, double start, int32_t stops, double stop) {
  t = start;
  return OK;
}
static void read_named(void) {
  struct { uint8_t failed; list l; } read;
  got_count = 0;
  if (!file_count) return;
  host_read(file, file_count, &read);
  if (read.failed) say(WARNING, "the host did not let it be read");
  if (read.l.count > sizeof got) read.l.count = sizeof got;
  copy(got, (const void *)(uintptr_t)read.l.at, got_count = read.l.count);
}
EXPORT("exit-initialization-mode") int32_t exit_initialization_mode(int32_t self) {
  read_named();
  if (wrong == RISING) { next_time = t + 0.25; }
  return OK;
}
EXPORT("enter-event-mode") int32_t enter_event_mode(int32_t self) { mode_is_event = 1; return OK; }
EXPORT("terminate") int32_t terminate(int32_t self) { return OK; }
EXPORT("reset") int32_t reset(int32_t self) { begin(); return OK; }
EXPORT("enter-configuration-mode") int32_t enter_configuration_mode(int32_t self) { return OK; }
EXPORT("exit-configuration-mode") int32_t exit_configuration_mode(int32_t self) { return n > MOST ? ERROR : OK; }
EXPORT("evaluate-discrete-states") int32_t evaluate_discrete_states(int32_t self) { return OK; }
typedef struct { uint8_t failed; union { struct { uint8_t again, end, nominals, values, timed; double next; } i; uint8_t status; } u; } either_info;
static either_info info;
EXPORT("update-discrete-states") either_info *update_discrete_states(int32_t self) {
  info.failed = 0;
  info.u.i.again = info.u.i.end = info.u.i.nominals = info.u.i.values = info.u.i.timed = 0;
  info.u.i.next = 0;
  if (tick) { ++ticks; tick = 0; }
  if (x >= 10) { x = 1; info.u.i.values = 1; }
  if (wrong == RISING) {
    while (next_time <= t + 1e-12) { x += 1; next_time += 0.25; info.u.i.values = 1; }
    info.u.i.timed = 1; info.u.i.next = next_time;
  }
  return &info;
}

/* states as bytes */
typedef struct { double T, x, u, t, first[4]; } kept;
EXPORT("get-fmu-state") either_list *get_fmu_state(int32_t self) {
  kept *k = (kept *)state_out;
  k->T = T; k->x = x; k->u = u; k->t = t;
  for (int i = 0; i < 4; ++i) k->first[i] = v[i];
  return gave(state_out, sizeof state_out);
}
EXPORT("set-fmu-state") int32_t set_fmu_state(int32_t self, const kept *k, uint32_t count) {
  if (count != sizeof(kept)) return ERROR;
  T = k->T; x = k->x; u = k->u; t = k->t;
  for (int i = 0; i < 4; ++i) v[i] = k->first[i];
  return OK;
}

/* what this model does not have */
#define NO_LIST(label, ...) EXPORT(label) either_list *__VA_ARGS__ { return refused(ERROR); }
NO_LIST("get-variable-dependencies", dependencies(int32_t self, uint32_t ref))
NO_LIST("get-directional-derivative", directional(int32_t self, const void *a, uint32_t b, const void *c, uint32_t d, const void *e, uint32_t f))
NO_LIST("get-adjoint-derivative", adjoint(int32_t self, const void *a, uint32_t b, const void *c, uint32_t d, const void *e, uint32_t f))
NO_LIST("get-interval-decimal", interval_decimal(int32_t self, const void *a, uint32_t b))
NO_LIST("get-interval-fraction", interval_fraction(int32_t self, const void *a, uint32_t b))
NO_LIST("get-shift-decimal", shift_decimal(int32_t self, const void *a, uint32_t b))
NO_LIST("get-shift-fraction", shift_fraction(int32_t self, const void *a, uint32_t b))
#define NO_SET(label, kind) EXPORT(label) int32_t kind(int32_t self, const void *a, uint32_t b, const void *c, uint32_t d) { return ERROR; }
NO_SET("set-interval-decimal", set_interval_decimal)
NO_SET("set-interval-fraction", set_interval_fraction)
NO_SET("set-shift-decimal", set_shift_decimal)
NO_SET("set-shift-fraction", set_shift_fraction)
EXPORT("get-number-of-variable-dependencies") either_count *number_of_dependencies(int32_t self, uint32_t ref) {
  counted.failed = 1; counted.u.status = ERROR;
  return &counted;
}

static int32_t deep(int32_t d) { volatile char here[512]; here[0] = (char)d; return deep(d + 1) + here[0]; }

#ifndef MODEL_EXCHANGE
EXPORT("enter-step-mode") int32_t enter_step_mode(int32_t self) { mode_is_event = 0; return OK; }
NO_SET("set-input-derivatives", set_input_derivatives)
NO_LIST("get-output-derivatives", output_derivatives(int32_t self, const void *a, uint32_t b))
typedef struct { uint8_t failed; union { struct { double last; uint8_t event, end, early; } r; uint8_t status; } u; } either_step;
static either_step stepped;
EXPORT("do-step") either_step *do_step(int32_t self, double at, double h, int32_t forward) {
  stepped.failed = 0; stepped.u.r.event = stepped.u.r.end = stepped.u.r.early = 0;
  switch (wrong) {
    case LOOP: for (volatile int i = 0;; ++i) { }
    case EAT: for (;;) if (__builtin_wasm_memory_grow(0, 16) == (size_t)-1) __builtin_trap();
    case TRAP: __builtin_trap();
    case DEEP: if (deep(0)) break; break;
    case STEP_DISCARD: case STEP_ERROR: case STEP_FATAL:
      say(wrong == STEP_FATAL ? FATAL : ERROR, "it does not converge");
      stepped.failed = 1;
      stepped.u.status = wrong == STEP_DISCARD ? DISCARD : wrong == STEP_ERROR ? ERROR : FATAL;
      return &stepped;
    case WRONG_STATUS: stepped.failed = 1; stepped.u.status = 77; return &stepped;
    case FLOOD: for (int i = 0; i < 5000; ++i) say(OK, "again"); break;
    case EARLY:
      if (h > 0.05) { h = 0.05; stepped.u.r.early = 1; stepped.u.r.event = 1; }
      break;
  }
  x = u + (x - u) * e_to(-h / T);
  t = at + h;
  stepped.u.r.last = t;
  return &stepped;
}
#else
EXPORT("enter-continuous-time-mode") int32_t enter_continuous_time_mode(int32_t self) { return OK; }
EXPORT("set-time") int32_t set_time(int32_t self, double now) { t = now; return OK; }
EXPORT("set-continuous-states") int32_t set_states(int32_t self, const double *states, uint32_t count) {
  if (count != 1) return ERROR;
  x = states[0];
  return OK;
}
EXPORT("get-continuous-states") either_list *get_states(int32_t self) { out[0] = x; return gave(out, 1); }
EXPORT("get-nominals-of-continuous-states") either_list *get_nominals(int32_t self) { out[0] = 1; return gave(out, 1); }
EXPORT("get-continuous-state-derivatives") either_list *get_derivatives(int32_t self) {
  if (wrong == LOOP && t > 0) for (volatile int i = 0;; ++i) { }
  out[0] = wrong == NOT_A_NUMBER && t > 0 ? __builtin_nan("") : slope();
  return gave(out, wrong == SHORT ? 0 : 1);
}
EXPORT("get-event-indicators") either_list *get_indicators(int32_t self) { out[0] = 10 - x; return gave(out, 1); }
EXPORT("get-number-of-event-indicators") either_count *number_of_indicators(int32_t self) {
  counted.failed = 0; counted.u.n = 1;
  return &counted;
}
EXPORT("get-number-of-continuous-states") either_count *number_of_states(int32_t self) {
  counted.failed = 0; counted.u.n = 1;
  return &counted;
}
typedef struct { uint8_t failed; union { struct { uint8_t event, end; } r; uint8_t status; } u; } either_completed;
static either_completed completed;
EXPORT("completed-integrator-step") either_completed *completed_step(int32_t self, int32_t forward) {
  completed.failed = 0; completed.u.r.event = completed.u.r.end = 0;
  return &completed;
}
#endif
