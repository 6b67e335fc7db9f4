"""FMUs of FMI 2 built in the test: x' = a x + sum b_j u_j, outputs c_i x, integrated exactly over a step with inputs held."""

import shutil
import subprocess
import sys
import zipfile

import pytest

SOURCE = r"""
#include <math.h>
#include <stdlib.h>
#include <string.h>
typedef void* P; typedef unsigned int V; typedef double R; typedef int I; typedef int B; typedef const char* S; typedef int St;
static const double b[] = {WEIGHTS}; static const double c[] = {GAINS};
enum { inputs = sizeof(b) / sizeof(b[0]), outputs = sizeof(c) / sizeof(c[0]) };
typedef struct { double x, u[inputs]; } M;
S fmi2GetTypesPlatform(void) { return "default"; }
S fmi2GetVersion(void) { return "2.0"; }
St fmi2SetDebugLogging(P p, B on, size_t n, const S* s) { return 0; }
P fmi2Instantiate(S name, int kind, S guid, S where, const void* calls, B visible, B log) { return calloc(1, sizeof(M)); }
void fmi2FreeInstance(P p) { free(p); }
St fmi2SetupExperiment(P p, B d, R t, R start, B s, R stop) { return 0; }
St fmi2EnterInitializationMode(P p) { return 0; }
St fmi2ExitInitializationMode(P p) { return 0; }
St fmi2Terminate(P p) { return 0; }
St fmi2Reset(P p) { memset(p, 0, sizeof(M)); return 0; }
St fmi2GetReal(P p, const V v[], size_t n, R r[]) {
    M* m = p;
    for (size_t i = 0; i < n; i++) r[i] = v[i] < 100 ? m->u[v[i]] : c[v[i] - 100] * m->x;
    return 0;
}
St fmi2SetReal(P p, const V v[], size_t n, const R r[]) {
    M* m = p;
    for (size_t i = 0; i < n; i++) if (v[i] < inputs) m->u[v[i]] = r[i];
    return 0;
}
St fmi2GetInteger(P p, const V v[], size_t n, I r[]) { return n ? 3 : 0; }
St fmi2GetBoolean(P p, const V v[], size_t n, B r[]) { return n ? 3 : 0; }
St fmi2GetString(P p, const V v[], size_t n, S r[]) { return n ? 3 : 0; }
St fmi2SetInteger(P p, const V v[], size_t n, const I r[]) { return n ? 3 : 0; }
St fmi2SetBoolean(P p, const V v[], size_t n, const B r[]) { return n ? 3 : 0; }
St fmi2SetString(P p, const V v[], size_t n, const S r[]) { return n ? 3 : 0; }
St fmi2GetFMUstate(P p, P* s) { *s = malloc(sizeof(M)); memcpy(*s, p, sizeof(M)); return 0; }
St fmi2SetFMUstate(P p, P s) { memcpy(p, s, sizeof(M)); return 0; }
St fmi2FreeFMUstate(P p, P* s) { free(*s); *s = 0; return 0; }
St fmi2SerializedFMUstateSize(P p, P s, size_t* n) { return 3; }
St fmi2SerializeFMUstate(P p, P s, char d[], size_t n) { return 3; }
St fmi2DeSerializeFMUstate(P p, const char d[], size_t n, P* s) { return 3; }
St fmi2GetDirectionalDerivative(P p, const V a[], size_t n, const V b_[], size_t k, const R d[], R r[]) { return 3; }
St fmi2SetRealInputDerivatives(P p, const V v[], size_t n, const I o[], const R r[]) { return 3; }
St fmi2GetRealOutputDerivatives(P p, const V v[], size_t n, const I o[], R r[]) { return 3; }
St fmi2DoStep(P p, R t, R h, B keep) {
    M* m = p; double drive = 0;
    for (int j = 0; j < inputs; j++) drive += b[j] * m->u[j];
    if (FAILS > 0 && t + h > FAILS) return 3;
    if (BREAKS > 0 && t + h > BREAKS) { m->x = 0.0 / 0.0; return 0; }
    m->x = exp(RATE * h) * m->x + expm1(RATE * h) / RATE * drive;
    return 0;
}
St fmi2CancelStep(P p) { return 3; }
St fmi2GetStatus(P p, int k, St* v) { return 3; }
St fmi2GetRealStatus(P p, int k, R* v) { return 3; }
St fmi2GetIntegerStatus(P p, int k, I* v) { return 3; }
St fmi2GetBooleanStatus(P p, int k, B* v) { return 3; }
St fmi2GetStringStatus(P p, int k, S* v) { return 3; }
"""


def compiler():
    found = shutil.which("cc")
    if found:
        return [found]
    if subprocess.run([sys.executable, "-c", "import ziglang"], capture_output=True, check=False).returncode == 0:
        return [sys.executable, "-m", "ziglang", "cc"]
    pytest.skip("no C compiler is here: neither cc nor ziglang")


def linear_fmu(folder, name, rate, weights, gains, fails_s=0.0, breaks_s=0.0):
    """Path of an FMU; inputs u0, u1, … have references 0, 1, …, outputs y0, y1, … 100, 101, …

    From a time on it refuses its steps, or gives what is no number.
    """
    source, library = folder / f"{name}.c", folder / f"{name}.so"
    source.write_text(SOURCE)
    said = {
        "RATE": repr(rate),
        "WEIGHTS": ",".join(map(repr, weights)),
        "GAINS": ",".join(map(repr, gains)),
        "FAILS": repr(fails_s),
        "BREAKS": repr(breaks_s),
    }
    subprocess.run(
        [*compiler(), "-O1", "-shared", "-fPIC", *(f"-D{key}={value}" for key, value in said.items()), str(source),
         "-o", str(library), "-lm"],
        check=True,
    )  # fmt: skip
    variables = [
        f'<ScalarVariable name="u{j}" valueReference="{j}" causality="input"><Real start="0"/></ScalarVariable>'
        for j in range(len(weights))
    ] + [
        f'<ScalarVariable name="y{i}" valueReference="{100 + i}" causality="output" initial="calculated"><Real/></ScalarVariable>'
        for i in range(len(gains))
    ]
    unknowns = "".join(f'<Unknown index="{len(weights) + i + 1}" dependencies=""/>' for i in range(len(gains)))
    description = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<fmiModelDescription fmiVersion="2.0" '
        f'modelName="{name}" guid="{{{name}}}"><CoSimulation modelIdentifier="{name}" '
        'canHandleVariableCommunicationStepSize="true" canGetAndSetFMUstate="true"/>'
        f"<ModelVariables>{''.join(variables)}</ModelVariables><ModelStructure><Outputs>{unknowns}</Outputs>"
        f"<InitialUnknowns>{unknowns}</InitialUnknowns></ModelStructure></fmiModelDescription>"
    )
    path = folder / f"{name}.fmu"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("modelDescription.xml", description)
        archive.write(library, f"binaries/linux64/{name}.so")
    return path
