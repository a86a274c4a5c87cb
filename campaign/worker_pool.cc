#include "campaign/worker_pool.h"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "campaign/files.h"
#include "runtime/base/check.h"
#include "runtime/base/status.h"

namespace weir::campaign {
namespace {

constexpr int kFreeBytesMax = 1 << 20;

bool WriteAll(int file, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t written = write(file, data, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    data += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

bool ReadAll(int file, char* data, size_t size) {
  while (size > 0) {
    const ssize_t got = read(file, data, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    data += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

// A frame is the length as eight bytes of this machine, then the bytes.
bool WriteFrame(int file, absl::string_view bytes) {
  const uint64_t size = bytes.size();
  return WriteAll(file, reinterpret_cast<const char*>(&size), sizeof size) &&
         WriteAll(file, bytes.data(), bytes.size());
}

std::optional<std::string> ReadFrame(int file) {
  uint64_t size = 0;
  if (!ReadAll(file, reinterpret_cast<char*>(&size), sizeof size)) return std::nullopt;
  std::string bytes(size, '\0');
  if (!ReadAll(file, bytes.data(), bytes.size())) return std::nullopt;
  return bytes;
}

std::string DescribeDeath(int status) {
  if (WIFSIGNALED(status)) {
    const char* name = sigabbrev_np(WTERMSIG(status));
    return absl::StrCat("was killed by signal ", WTERMSIG(status),
                        name == nullptr ? "" : absl::StrCat(" (SIG", name, ")"));
  }
  return absl::StrCat("exited with status ", WEXITSTATUS(status));
}

void Close(int& file) {
  if (file >= 0) close(file);
  file = -1;
}

}  // namespace

WorkerPool::WorkerPool(size_t workers, Work work, Duration stuck_after)
    : work_(std::move(work)), stuck_after_(stuck_after), workers_(workers) {
  WEIR_CHECK(workers >= 1);
  void* shared =
      mmap(nullptr, workers * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  WEIR_CHECK(shared != MAP_FAILED, "no shared memory for ", workers, " workers");
  progress_ = static_cast<volatile uint64_t*>(shared);
  for (size_t i = 0; i < workers; ++i) workers_[i].progress = progress_ + i;
}

WorkerPool::~WorkerPool() {
  for (Worker& worker : workers_) {
    if (worker.process == 0) continue;
    kill(worker.process, SIGKILL);
    Reap(worker);
  }
  munmap(const_cast<uint64_t*>(progress_), workers_.size() * sizeof(uint64_t));
}

bool WorkerPool::HasIdle() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const Worker& worker) { return !worker.busy; });
}

bool WorkerPool::HasBusy() const {
  return std::any_of(workers_.begin(), workers_.end(), [](const Worker& worker) { return worker.busy; });
}

absl::Status WorkerPool::Submit(uint64_t ticket, const std::string& request) {
  const auto idle =
      std::find_if(workers_.begin(), workers_.end(), [](const Worker& worker) { return !worker.busy; });
  WEIR_CHECK(idle != workers_.end(), "no worker is idle");
  // One may have died while it had nothing to do: then another takes its place.
  for (int tries = 0; tries < 3; ++tries) {
    if (idle->process == 0) WEIR_RETURN_IF_ERROR(Start(*idle));
    if (WriteFrame(idle->to, request)) {
      idle->busy = true;
      idle->ticket = ticket;
      idle->received.clear();
      idle->seen_progress = *idle->progress;
      idle->seen_at = WallNanos();
      return absl::OkStatus();
    }
    Reap(*idle);
  }
  return absl::ResourceExhaustedError("worker processes die before their first run");
}

absl::Status WorkerPool::Start(Worker& worker) {
  int request[2];
  int response[2];
  if (pipe2(request, O_CLOEXEC) != 0) return absl::ResourceExhaustedError(SystemText(errno));
  if (pipe2(response, O_CLOEXEC) != 0) {
    close(request[0]), close(request[1]);
    return absl::ResourceExhaustedError(SystemText(errno));
  }
  signal(SIGPIPE, SIG_IGN);  // a write to a dead worker is an error, not the end of the campaign
  const pid_t parent = getpid();
  const pid_t process = fork();
  if (process < 0) {
    for (int file : {request[0], request[1], response[0], response[1]}) close(file);
    return absl::ResourceExhaustedError(absl::StrCat("cannot make a worker process: ", SystemText(errno)));
  }
  if (process == 0) {
    // Nobody else may hold the ends of another worker's pipes, or its end would go unseen.
    for (Worker& other : workers_) Close(other.to), Close(other.from);
    close(request[1]), close(response[0]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
    const struct rlimit no_core {};
    setrlimit(RLIMIT_CORE, &no_core);
    // What a run freed goes back: by itself the allocator would keep as much as the largest run ever took.
    mallopt(M_TRIM_THRESHOLD, kFreeBytesMax);  // NOLINT(concurrency-mt-unsafe): a worker has one thread
    mallopt(M_MMAP_THRESHOLD, kFreeBytesMax);  // NOLINT(concurrency-mt-unsafe)
    Serve(worker, request[0], response[1]);
  }
  close(request[0]), close(response[1]);
  worker.process = process;
  worker.to = request[1];
  worker.from = response[0];
  return absl::OkStatus();
}

void WorkerPool::Serve(Worker& worker, int request, int response) {
  while (const std::optional<std::string> bytes = ReadFrame(request)) {
    if (!WriteFrame(response, work_(*bytes, worker.progress))) break;
  }
  _exit(0);
}

int WorkerPool::Reap(Worker& worker) {
  Close(worker.to);
  Close(worker.from);
  int status = 0;
  while (waitpid(worker.process, &status, 0) < 0 && errno == EINTR) continue;
  worker.process = 0;
  worker.busy = false;
  return status;
}

std::vector<WorkerPool::Answer> WorkerPool::Wait(int timeout_millis) {
  std::vector<Answer> answers;
  const int64_t deadline = WallNanos() + int64_t{timeout_millis} * 1'000'000;
  while (answers.empty()) {
    std::vector<struct pollfd> polled;
    std::vector<Worker*> order;
    for (Worker& worker : workers_) {
      if (!worker.busy) continue;
      polled.push_back({worker.from, POLLIN, 0});
      order.push_back(&worker);
    }
    const int64_t left = (deadline - WallNanos()) / 1'000'000;
    if (polled.empty()) break;
    // Not longer than a second at a time: somebody may be stuck.
    poll(polled.data(), polled.size(), static_cast<int>(std::clamp<int64_t>(left, 0, 1000)));
    for (size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].revents != 0) {
        Receive(*order[i], answers);
      } else {
        CheckStuck(*order[i], answers);
      }
    }
    if (left <= 0) break;
  }
  return answers;
}

bool WorkerPool::Receive(Worker& worker, std::vector<Answer>& answers) {
  char buffer[1 << 16];
  const ssize_t got = read(worker.from, buffer, sizeof buffer);
  if (got < 0 && errno == EINTR) return false;
  if (got <= 0) {
    const uint64_t ticket = worker.ticket;
    answers.push_back({ticket, std::nullopt, DescribeDeath(Reap(worker)), false});
    return true;
  }
  worker.received.append(buffer, static_cast<size_t>(got));
  uint64_t size = 0;
  if (worker.received.size() < sizeof size) return false;
  memcpy(&size, worker.received.data(), sizeof size);
  if (worker.received.size() < sizeof size + size) return false;
  worker.busy = false;
  answers.push_back({worker.ticket, worker.received.substr(sizeof size), "", false});
  return true;
}

bool WorkerPool::CheckStuck(Worker& worker, std::vector<Answer>& answers) {
  const uint64_t progress = *worker.progress;
  const int64_t now = WallNanos();
  if (progress != worker.seen_progress) {
    worker.seen_progress = progress;
    worker.seen_at = now;
    return false;
  }
  if (now - worker.seen_at < stuck_after_.nanos()) return false;
  const uint64_t ticket = worker.ticket;
  kill(worker.process, SIGKILL);
  Reap(worker);
  answers.push_back({ticket, std::nullopt, "was stuck: no event for too long", true});
  return true;
}

absl::StatusOr<WorkerPool::Answer> WorkerPool::Ask(const std::string& request) {
  WEIR_CHECK(!HasBusy());
  WEIR_RETURN_IF_ERROR(Submit(0, request));
  while (true) {
    std::vector<Answer> answers = Wait(1000);
    if (!answers.empty()) return std::move(answers.front());
  }
}

}  // namespace weir::campaign
