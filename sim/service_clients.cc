#include "sim/service_clients.h"

#include <string>
#include <utility>
#include <vector>

namespace weir::sim {
namespace {

class AbsentClients : public ServiceClients, private DurableStore, private Register, private Log {
 public:
  explicit AbsentClients(Executor& executor) : executor_(executor) {}

  DurableStore& store() override { return *this; }
  Register& registry() override { return *this; }
  Log& log() override { return *this; }

 private:
  template <typename Callback>
  void Refuse(ActorId actor, Callback callback) {
    executor_.Post(actor, [callback = std::move(callback)]() mutable {
      callback(absl::UnimplementedError("this process has no services"));
    });
  }

  void Put(ActorId actor, std::string, const Blob&, PutMode, DurableStore::Done done) override {
    Refuse(actor, std::move(done));
  }
  void Get(ActorId actor, std::string, DurableStore::Got got) override { Refuse(actor, std::move(got)); }
  void Delete(ActorId actor, std::string, DurableStore::Done done) override {
    Refuse(actor, std::move(done));
  }
  void List(ActorId actor, std::string, Listed listed) override { Refuse(actor, std::move(listed)); }

  void Read(ActorId actor, std::string, Register::Got got) override { Refuse(actor, std::move(got)); }
  void CompareAndSet(ActorId actor, std::string, uint64_t, std::string, Register::Got got) override {
    Refuse(actor, std::move(got));
  }

  void Partitions(ActorId actor, std::string, Count count) override { Refuse(actor, std::move(count)); }
  void Fetch(ActorId actor, std::string, uint32_t, uint64_t, uint32_t, Fetched fetched) override {
    Refuse(actor, std::move(fetched));
  }
  void Append(ActorId actor, std::string, uint32_t, LogRecords, Log::Done done) override {
    Refuse(actor, std::move(done));
  }
  void AppendInTransaction(ActorId actor, std::string, uint64_t, std::string, uint32_t, LogRecords,
                           Log::Done done) override {
    Refuse(actor, std::move(done));
  }
  void Commit(ActorId actor, std::string, Log::Done done) override { Refuse(actor, std::move(done)); }
  void Abort(ActorId actor, std::string, Log::Done done) override { Refuse(actor, std::move(done)); }
  void OpenTransactions(ActorId actor, std::string, Names names) override { Refuse(actor, std::move(names)); }

  Executor& executor_;
};

}  // namespace

std::unique_ptr<ServiceClients> MakeAbsentClients(Executor& executor) {
  return std::make_unique<AbsentClients>(executor);
}

}  // namespace weir::sim
