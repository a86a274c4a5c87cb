#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/check_property.h"
#include "tests/env/sim_world.h"

namespace weir::contract {
namespace {

// Adds its tokens to one register, each until it is seen there: the loop of every careful client.
class TokenWriter {
 public:
  TokenWriter(SimWorld& world, uint32_t client, int tokens)
      : world_(world), client_(client), tokens_(tokens) {}

  void Start() {
    world_.env(client_).executor.Post(world_.actor(client_), [this] { Read(); });
  }
  bool done() const { return written_ == tokens_; }
  bool went_back() const { return went_back_; }

 private:
  std::string Token() const { return absl::StrCat("c", client_, ".", written_, ";"); }

  void Read() {
    world_.env(client_).registry.Read(world_.actor(client_), "tokens",
                                      [this](absl::StatusOr<Versioned> read) {
                                        if (!read.ok()) return Read();
                                        went_back_ = went_back_ || read->version < last_version_;
                                        last_version_ = read->version;
                                        while (!done() && absl::StrContains(read->value, Token())) ++written_;
                                        if (!done()) Swap(*std::move(read));
                                      });
  }

  void Swap(Versioned seen) {
    world_.env(client_).registry.CompareAndSet(world_.actor(client_), "tokens", seen.version,
                                               absl::StrCat(seen.value, Token()),
                                               [this](const absl::StatusOr<Versioned>&) { Read(); });
  }

  SimWorld& world_;
  const uint32_t client_;
  const int tokens_;
  int written_ = 0;
  uint64_t last_version_ = 0;
  bool went_back_ = false;
};

TEST_CASE("Register: every token is there once, whatever responses are lost", "[services]") {
  CheckProperty(
      "register/tokens",
      [] {
        sim::WorldOptions options;
        options.seed = *rc::gen::arbitrary<uint64_t>();
        const uint64_t lost_of_ten = *rc::gen::inRange<uint64_t>(0, 6);
        SimWorld world(3, options);
        world.services().register_faults().LoseResponsesByRatio(lost_of_ten, 10);
        std::vector<std::unique_ptr<TokenWriter>> writers;
        for (uint32_t client = 0; client < 3; ++client) {
          writers.push_back(std::make_unique<TokenWriter>(world, client, 5));
          writers.back()->Start();
        }
        const bool finished = world.RunUntil([&] {
          for (const auto& writer : writers) {
            if (!writer->done()) return false;
          }
          return true;
        });
        RC_ASSERT(finished);
        for (const auto& writer : writers) RC_ASSERT(!writer->went_back());
        const Versioned end = world.services().registry().Find("tokens");
        const std::vector<std::string> tokens = absl::StrSplit(end.value, ';', absl::SkipEmpty());
        RC_ASSERT(tokens.size() == 15u);
        RC_ASSERT(std::set<std::string>(tokens.begin(), tokens.end()).size() == 15u);
        RC_ASSERT(end.version == 15u);
      },
      30);
}

// Writes transactions of three records, each request until it is not refused; commits the even ones, aborts the others.
class TransactionWriter {
 public:
  TransactionWriter(SimWorld& world, uint32_t client, int transactions)
      : world_(world), client_(client), transactions_(transactions) {}

  void Start() {
    world_.env(client_).executor.Post(world_.actor(client_), [this] { Append(0); });
  }
  bool done() const { return current_ == transactions_; }
  const absl::Status& failure() const { return failure_; }

 private:
  std::string Name() const { return absl::StrCat("c", client_, "-", current_); }

  void Append(uint64_t sequence) {
    if (sequence == 3) return Decide();
    world_.env(client_).log.AppendInTransaction(
        world_.actor(client_), Name(), sequence, "output", client_ % 2,
        {LogRecord{absl::StrCat(Name(), "/", sequence), {}}}, [this, sequence](const absl::Status& status) {
          if (absl::IsUnavailable(status)) return Append(sequence);
          failure_.Update(status);
          Append(sequence + 1);
        });
  }

  void Decide() {
    auto decided = [this](const absl::Status& status) {
      if (absl::IsUnavailable(status)) return Decide();
      failure_.Update(status);
      if (++current_ < transactions_) Append(0);
    };
    Log& log = world_.env(client_).log;
    if (current_ % 2 == 0) return log.Commit(world_.actor(client_), Name(), decided);
    log.Abort(world_.actor(client_), Name(), decided);
  }

  SimWorld& world_;
  const uint32_t client_;
  const int transactions_;
  int current_ = 0;
  absl::Status failure_;
};

TEST_CASE("Log: retried transactions are in the log once, or not at all", "[services]") {
  CheckProperty(
      "log/retries",
      [] {
        sim::WorldOptions options;
        options.seed = *rc::gen::arbitrary<uint64_t>();
        const uint64_t lost_of_ten = *rc::gen::inRange<uint64_t>(0, 6);
        SimWorld world(2, options);
        world.services().log_faults().LoseResponsesByRatio(lost_of_ten, 10);
        std::vector<std::unique_ptr<TransactionWriter>> writers;
        for (uint32_t client = 0; client < 2; ++client) {
          writers.push_back(std::make_unique<TransactionWriter>(world, client, 6));
          writers.back()->Start();
        }
        RC_ASSERT(world.RunUntil([&] { return writers[0]->done() && writers[1]->done(); }));
        for (uint32_t client = 0; client < 2; ++client) {
          RC_ASSERT(writers[client]->failure().ok());
          std::vector<std::string> expected;
          for (const int transaction : {0, 2, 4}) {
            for (int i = 0; i < 3; ++i)
              expected.push_back(absl::StrCat("c", client, "-", transaction, "/", i));
          }
          std::vector<std::string> values;
          for (const auto& stored : world.log_state().CommittedRecords("output", client)) {
            values.emplace_back(stored.value);
          }
          RC_ASSERT(values == expected);
        }
        RC_ASSERT(world.log_state().OpenTransactions("").empty());
      },
      30);
}

// Sends bytes of any kind to a service, and remembers the answers.
class Vandal : public ConnectionHandler {
 public:
  void OnMessage(ConnectionId, Message message) override { answers.push_back(std::move(message)); }
  void OnClosed(ConnectionId, const absl::Status&) override {}
  std::vector<Message> answers;
};

TEST_CASE("Services: any bytes are answered, and a service goes on serving", "[services]") {
  CheckProperty(
      "services/fuzz",
      [] {
        SimWorld world(1);
        sim::ClusterServices& services = world.services();
        const std::vector<std::pair<NodeId, PortId>> targets = {
            {services.store_node(), sim::kObjectStorePort},
            {services.register_node(), sim::kRegisterPort},
            {services.log_node(), sim::kLogPort},
            {services.database_node(), sim::kKeyValuePort}};
        const auto [node, port] = *rc::gen::elementOf(targets);
        std::vector<Message> messages;
        for (int i = 0; i < 20; ++i) {
          const std::string bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
          if (*rc::gen::arbitrary<bool>()) {
            messages.push_back({bytes, bytes.substr(0, bytes.size() / 2)});
            continue;
          }
          sim::RpcRequest
              request;  // a whole frame with a method that may exist, and arguments that may not fit it
          request.id = 7;
          request.method = static_cast<uint8_t>(*rc::gen::inRange(0, 10));
          request.subject = "output";
          request.arguments = bytes;
          messages.push_back(std::move(request).Encode());
        }
        Vandal vandal;
        world.env(0).executor.Post(world.actor(0), [&, target_node = node, target_port = port] {
          Transport& transport = world.env(0).transport;
          const ConnectionId connection =
              transport.Connect(world.actor(0), target_node, target_port, &vandal);
          for (const Message& message : messages) transport.Send(connection, message);
        });
        RC_ASSERT(world.RunUntil([&] { return vandal.answers.size() == messages.size(); }));
        for (const Message& answer : vandal.answers) {
          uint64_t id = 0;
          RC_ASSERT(sim::RpcAnswer::Decode(answer, &id).has_value());
        }
        RC_ASSERT(world.world().IsAlive(node));
        bool served = false;
        world.env(0).executor.Post(world.actor(0), [&] {
          world.env(0).store.Put(world.actor(0), "key", {"value", 0}, PutMode::kOverwrite,
                                 [&](const absl::Status& status) { served = status.ok(); });
        });
        RC_ASSERT(world.RunUntil([&] { return served; }));
      },
      60);
}

}  // namespace
}  // namespace weir::contract
