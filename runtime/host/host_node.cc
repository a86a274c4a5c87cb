#include "runtime/host/host_node.h"

#include "absl/strings/str_cat.h"
#include "runtime/base/check.h"

namespace weir::host {

HostNode::HostNode(const HostOptions& options, LogState& log)
    : loop_(clock_),
      transport_(loop_, options.node, options.base_port),
      store_(loop_, absl::StrCat(options.folder, "/objects")),
      disk_(absl::StrCat(options.folder, "/disk-", options.node.value)),
      register_(loop_, absl::StrCat(options.folder, "/register")),
      log_(clock_, loop_, log),
      random_(options.seed),
      env_{clock_, loop_, transport_, store_, disk_, register_, log_, random_, tracer_} {}

void HostNode::Start(const Program& program) {
  WEIR_CHECK(process_ == nullptr);
  process_ = program(env_);
}

}  // namespace weir::host
