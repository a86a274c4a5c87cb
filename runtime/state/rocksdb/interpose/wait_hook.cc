#include "runtime/state/rocksdb/interpose/wait_hook.h"

#include <dlfcn.h>
#include <pthread.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace weir {
namespace {

// A wait has no argument that could lead to a database, so the thread must know.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
thread_local WaitHandler* handlers = nullptr;  // of all databases of this thread
thread_local WaitHandler* innermost = nullptr;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

// The C library's own. Older ones keep a function of this name with another condition variable for old programs, and
// that is what an unversioned search may find.
void* RealFunction(const char* name) {
  for (const char* version : {"GLIBC_2.3.2", "GLIBC_2.17"}) {
    if (void* found = dlvsym(RTLD_NEXT, name, version); found != nullptr) return found;
  }
  return dlsym(RTLD_NEXT, name);
}

}  // namespace

class StrayWait {
 public:
  // Tells every database, since one of them waits, and runs a job of the first that has one: it fails, and what RocksDB
  // was waiting for ends with it.
  static bool Run() {
    for (WaitHandler* handler = handlers; handler != nullptr; handler = Next(handler)) handler->OnStrayWait();
    for (WaitHandler* handler = handlers; handler != nullptr; handler = Next(handler)) {
      if (handler->RunQueued()) return true;
    }
    return false;
  }
  static WaitHandler*& Next(WaitHandler* handler) { return handler->next_; }
};

WaitHandler::WaitHandler() : next_(handlers) { handlers = this; }

WaitHandler::~WaitHandler() {
  WaitHandler** link = &handlers;
  while (*link != nullptr && *link != this) link = &StrayWait::Next(*link);
  if (*link == this) *link = next_;
}

WaitScope::WaitScope(WaitHandler& handler) : outer_(innermost) { innermost = &handler; }
WaitScope::~WaitScope() { innermost = outer_; }
WaitHandler* WaitScope::current() { return innermost; }

bool IsWaitHookInPlace() {
  return dlsym(RTLD_DEFAULT, "pthread_cond_wait") == reinterpret_cast<void*>(&pthread_cond_wait);
}

namespace {

// True if the wait ends because something ran.
bool RunInstead(pthread_mutex_t* mutex) {
  pthread_mutex_unlock(mutex);
  const bool ran = innermost != nullptr ? innermost->RunQueued() : StrayWait::Run();
  pthread_mutex_lock(mutex);
  return ran;
}

}  // namespace
}  // namespace weir

extern "C" {

int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
  if (weir::handlers == nullptr) {
    using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*);
    static const Wait wait = reinterpret_cast<Wait>(weir::RealFunction("pthread_cond_wait"));
    return wait(condition, mutex);
  }
  if (weir::RunInstead(mutex)) return 0;
  // Nobody can ever wake this thread, and no exception may pass through the frames of RocksDB.
  std::fputs("RocksDB waits, and no job of it is queued: a deadlock\n", stderr);
  std::abort();
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex, const timespec* until) {
  if (weir::handlers == nullptr) {
    using Wait = int (*)(pthread_cond_t*, pthread_mutex_t*, const timespec*);
    static const Wait wait = reinterpret_cast<Wait>(weir::RealFunction("pthread_cond_timedwait"));
    return wait(condition, mutex, until);
  }
  if (weir::RunInstead(mutex)) return 0;
  pthread_mutex_unlock(mutex);
  for (weir::WaitHandler* handler = weir::handlers; handler != nullptr;
       handler = weir::StrayWait::Next(handler)) {
    handler->PassTime();
  }
  pthread_mutex_lock(mutex);
  return ETIMEDOUT;
}

}  // extern "C"
