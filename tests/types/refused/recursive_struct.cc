// Must not compile: the struct holds itself, through another one and a list.
#include <vector>

#include "runtime/types/type_of.h"

struct Node;
struct Children {
  std::vector<Node> nodes;
};
struct Node {
  int32_t number = 0;
  Children children;
};
WEIR_FIELDS(Children, nodes);
WEIR_FIELDS(Node, number, children);

const weir::TypeSerializer& Serializer() { return weir::TypeOf<Node>::Serializer(); }
