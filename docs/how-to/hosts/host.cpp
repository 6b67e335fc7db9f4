// A host in C++: serves one part, a first-order lag, to a hub of covolt by the published protocol.
//
//   protoc -I PROTO --cpp_out=. --grpc_out=. --plugin=protoc-gen-grpc=$(command -v grpc_cpp_plugin) PROTO/hosted.proto
//   c++ -std=c++17 -O2 -ffp-contract=off host.cpp hosted.pb.cc hosted.grpc.pb.cc $(pkg-config --cflags --libs grpc++ protobuf) -o host
//   ./host HOST:PORT key.pem certificate.pem authority.pem
//
// PROTO is the folder of hosted.proto. Your part takes the place of `Lag`; everything else may stay.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "hosted.grpc.pb.h"

namespace hosted = covolt::hosted::v1;

namespace {

// y' = (gain u - y) / T, exactly over a step.
struct Lag {
  double gain = 1.0, output = 0.0, slope = 0.0;

  void start(double first_gain, double input) {
    gain = first_gain;
    output = 0.0;
    slope = gain * input;
  }
  void step(double step_s, double input) {
    const double target = gain * input;
    const double after = target + (output - target) * std::exp(-step_s / 7.3);
    output = after;
    slope = (target - after) / 7.3;
  }
};

std::string content_of(const char* file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error(std::string("cannot read ") + file);
  std::stringstream all;
  all << stream.rdbuf();
  return all.str();
}

// float64, little-endian, one after the other: the memory of doubles on the processors that matter.
std::vector<double> doubles(const std::string& bytes) {
  std::vector<double> found(bytes.size() / sizeof(double));
  std::memcpy(found.data(), bytes.data(), found.size() * sizeof(double));
  return found;
}

struct Refused {
  std::string code;
  std::vector<std::string> names;
};

class Host {
 public:
  hosted::FromParty hello() const {
    hosted::FromParty made;
    made.mutable_hello()->set_protocol(1);
    auto* told = made.mutable_hello()->mutable_description();
    told->set_name("lag");
    told->set_form("C++ example");
    told->set_digest(std::string(64, '0'));
    told->set_saves(true);
    told->set_variable_step(true);
    for (const auto& [name, causality] : std::map<std::string, std::string>{
             {"gain", "parameter"}, {"input", "input"}, {"output", "output"}, {"slope", "output"}}) {
      auto* one = told->add_variables();
      one->set_name(name);
      one->set_causality(causality);
      one->set_kind("real");
    }
    return made;
  }

  // Fills the answer to what is asked; false for what takes none.
  bool answer(const hosted::FromHub& asked, hosted::FromParty& made) {
    if (asked.ask_case() == hosted::FromHub::kWelcome) return false;
    const auto begun = std::chrono::steady_clock::now();
    made.Clear();
    made.set_sequence(asked.sequence());
    try {
      fill(asked, made);
    } catch (const Refused& refused) {
      made.mutable_failure()->set_code(refused.code);
      for (const auto& name : refused.names) made.mutable_failure()->add_names(name);
    }
    made.set_compute_s(std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    return true;
  }

 private:
  void fill(const hosted::FromHub& asked, hosted::FromParty& made) {
    switch (asked.ask_case()) {
      case hosted::FromHub::kWire:
        wire(asked.wire());
        made.mutable_done();
        break;
      case hosted::FromHub::kStart:
        start(asked.start());
        made.set_outputs(row());
        break;
      case hosted::FromHub::kStep:
        step(asked.step().step_s(), doubles(asked.step().inputs()), 0);
        made.set_outputs(row());
        break;
      case hosted::FromHub::kWindow:
        made.set_outputs(window(doubles(asked.window().steps_s()), doubles(asked.window().inputs()), 0));
        break;
      case hosted::FromHub::kMissions: {
        const auto steps_s = doubles(asked.missions().steps_s());
        const auto inputs = doubles(asked.missions().inputs());
        const auto& rows = asked.missions().rows();
        std::size_t due = 0;
        for (const auto one : rows) due += one;
        const bool each = !rows.empty();
        const auto vehicles = static_cast<std::size_t>(asked.missions().starts_size());
        if (each && (static_cast<std::size_t>(rows.size()) != vehicles || due != steps_s.size())) throw Refused{"values", {}};
        if (inputs.size() != (each ? due : vehicles * steps_s.size())) throw Refused{"values", {}};
        std::string all;
        std::size_t at = 0;
        for (int vehicle = 0; vehicle < asked.missions().starts_size(); ++vehicle) {
          start(asked.missions().starts(vehicle));
          all += row();
          const auto own = each ? steps_s.begin() + at : steps_s.begin();
          const auto count = each ? rows.Get(vehicle) : steps_s.size();
          all += window({own, own + count}, inputs, at);
          at += count;
        }
        made.set_outputs(all);
        break;
      }
      case hosted::FromHub::kSave:
        kept_[++last_] = lag_;
        made.set_state(last_);
        break;
      case hosted::FromHub::kRestore:
        if (!kept_.count(asked.restore())) throw Refused{"state", {}};
        lag_ = kept_.at(asked.restore());
        made.mutable_done();
        break;
      case hosted::FromHub::kForget:
        kept_.erase(asked.forget());
        made.mutable_done();
        break;
      case hosted::FromHub::kClose:
        made.mutable_done();
        break;
      default:
        throw Refused{"unable", {}};
    }
  }

  void wire(const hosted::Wire& asked) {
    std::vector<std::string> wrong;
    for (const auto& name : asked.inputs())
      if (name != "input") wrong.push_back(name);
    for (const auto& name : asked.outputs())
      if (name != "output" && name != "slope") wrong.push_back(name);
    if (!wrong.empty()) throw Refused{"names", wrong};
    inputs_ = asked.inputs_size();
    outputs_.assign(asked.outputs().begin(), asked.outputs().end());
  }

  void start(const hosted::Start& asked) {
    const auto inputs = doubles(asked.inputs());
    if (inputs.size() != inputs_) throw Refused{"values", {}};
    const auto gain = asked.parameters().find("gain");
    lag_.start(gain == asked.parameters().end() ? 1.0 : gain->second.real(), inputs_ ? inputs[0] : 0.0);
  }

  void step(double step_s, const std::vector<double>& inputs, std::size_t at) {
    if (inputs.size() < (at + 1) * inputs_) throw Refused{"values", {}};
    lag_.step(step_s, inputs_ ? inputs[at * inputs_] : 0.0);
  }

  std::string window(const std::vector<double>& steps_s, const std::vector<double>& inputs, std::size_t first) {
    std::string all;
    for (std::size_t at = 0; at < steps_s.size(); ++at) {
      step(steps_s[at], inputs, first + at);
      all += row();
    }
    return all;
  }

  std::string row() const {
    std::string bytes;
    for (const auto& name : outputs_) {
      const double value = name == "output" ? lag_.output : lag_.slope;
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    return bytes;
  }

  Lag lag_;
  std::map<std::uint64_t, Lag> kept_;
  std::uint64_t last_ = 0;
  std::size_t inputs_ = 0;
  std::vector<std::string> outputs_;
};

}  // namespace

int main(int count, char** given) {
  if (count != 5) {
    std::cerr << "host HOST:PORT KEY CERTIFICATE AUTHORITY\n";
    return 2;
  }
  grpc::SslCredentialsOptions shown;
  shown.pem_private_key = content_of(given[2]);
  shown.pem_cert_chain = content_of(given[3]);
  shown.pem_root_certs = content_of(given[4]);
  grpc::ChannelArguments bounds;
  bounds.SetMaxReceiveMessageSize(256 << 20);
  bounds.SetMaxSendMessageSize(256 << 20);
  const auto channel = grpc::CreateCustomChannel(given[1], grpc::SslCredentials(shown), bounds);
  const auto stub = hosted::Hub::NewStub(channel);
  grpc::ClientContext context;
  const auto stream = stub->Serve(&context);
  Host host;
  stream->Write(host.hello());
  hosted::FromHub asked;
  hosted::FromParty answer;
  while (stream->Read(&asked))
    if (host.answer(asked, answer)) stream->Write(answer);
  const auto status = stream->Finish();
  std::cout << status.error_code() << " " << status.error_message() << std::endl;
  return status.ok() ? 0 : 1;
}
