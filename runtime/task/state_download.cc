#include "runtime/task/state_download.h"

#include <set>
#include <utility>

namespace weir {

void StateDownload::Start(const std::vector<OperatorSnapshot>& state, Done done) {
  done_ = std::move(done);
  std::set<std::string> paths;
  const auto add = [&](const StreamHandle& stream) {
    if (stream.kind == StreamHandle::Kind::kFile) paths.insert(stream.path);
  };
  for (const OperatorSnapshot& snapshot : state) {
    add(snapshot.state.managed_keyed.stream);
    for (const NamedStream& file : snapshot.state.managed_keyed.shared) add(file.stream);
    for (const NamedStream& file : snapshot.state.managed_keyed.exclusive) add(file.stream);
    add(snapshot.state.managed_operator.stream);
  }
  missing_ = paths.size();
  if (missing_ == 0) return std::exchange(done_, nullptr)(Files());
  for (const std::string& path : paths) Get(path);
}

void StateDownload::Get(const std::string& path) {
  env_.store.Get(actor_, path, [this, path](absl::StatusOr<Blob> blob) {
    if (done_ == nullptr) return;
    if (absl::IsUnavailable(blob.status())) {
      env_.executor.After(actor_, retry_delay_, [this, path] {
        if (done_ != nullptr) Get(path);
      });
      return;
    }
    files_[path] = blob.ok() ? absl::StatusOr<std::string>(std::move(blob->bytes)) : blob.status();
    if (--missing_ == 0) std::exchange(done_, nullptr)(std::move(files_));
  });
}

void StateDownload::AppendWaits(const std::string& who, std::vector<Wait>* waits) const {
  if (missing_ == 0 || done_ == nullptr) return;
  waits->push_back({who, absl::StrCat(missing_, " state files"), "the object store"});
}

}  // namespace weir
