// Licensed under the Apache License, Version 2.0.
//
// The objects of one keyed state on the heap, by a dense entry number, copy on write. Slots lie in pages of 256; a
// snapshot takes the addresses of the pages and nothing else (View), so it costs one pointer for 256 entries. Whoever
// changes an entry later copies its page first, and its object, if a live snapshot sees them. What only a snapshot
// still sees is freed when that has been written (SnapshotEpochs).
//
// What an object is, only the owner knows (ObjectKind): a value, a list, a map.
//
// Invariants:
//  1. A page whose epoch is shared with a live snapshot is never written; an object neither.
//  2. size() is the number of slots that hold an object.
#ifndef WEIR_RUNTIME_STATE_HEAP_TABLE_H_
#define WEIR_RUNTIME_STATE_HEAP_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/state/snapshot_epochs.h"

namespace weir {

class ObjectKind {
 public:
  virtual ~ObjectKind() = default;
  virtual void* CloneObject(const void* object) const = 0;
  virtual void DeleteObject(void* object) const = 0;
};

class HeapTable {
 public:
  static constexpr uint32_t kPageSlots = 256;
  struct Slot {
    void* object = nullptr;
    uint64_t epoch = 0;  // when the object was put there
  };
  struct Page {
    uint64_t epoch = 0;
    std::array<Slot, kPageSlots> slots;
  };

  // What a snapshot sees. Valid until its epoch ends.
  class View {
   public:
    const void* Find(uint32_t entry) const {
      const size_t page = entry / kPageSlots;
      return page < pages_.size() && pages_[page] != nullptr ? pages_[page]->slots[entry % kPageSlots].object
                                                             : nullptr;
    }

   private:
    friend class HeapTable;
    std::vector<const Page*> pages_;
  };

  // Both outlive the table.
  HeapTable(SnapshotEpochs& epochs, const ObjectKind& kind) : epochs_(epochs), kind_(kind) {}
  HeapTable(const HeapTable&) = delete;
  HeapTable& operator=(const HeapTable&) = delete;
  // REQUIRES: DeleteAll was called; the kind may be half destroyed already.
  ~HeapTable() = default;
  // The end: REQUIRES: no snapshot of it is alive.
  void DeleteAll();

  const void* Find(uint32_t entry) const {
    const size_t page = entry / kPageSlots;
    return page < pages_.size() && pages_[page] != nullptr ? pages_[page]->slots[entry % kPageSlots].object
                                                           : nullptr;
  }
  // The object, to be changed in place; null if there is none.
  void* Edit(uint32_t entry);
  // The object, to be overwritten: null also if a snapshot sees it, since then copying it would be for nothing.
  void* FindOwn(uint32_t entry);
  // Takes the object; the one before goes. True if there was none.
  bool Put(uint32_t entry, void* object);
  // True if there was one.
  bool Erase(uint32_t entry);

  size_t size() const { return size_; }
  uint32_t capacity() const {
    return static_cast<uint32_t>(pages_.size()) * kPageSlots;
  }  // above every entry
  View Look() const;

 private:
  Slot& WritableSlot(uint32_t entry);
  void Drop(const Slot& slot);

  SnapshotEpochs& epochs_;
  const ObjectKind& kind_;
  std::vector<Page*> pages_;
  size_t size_ = 0;
};

}  // namespace weir

#endif  // WEIR_RUNTIME_STATE_HEAP_TABLE_H_
