#include "runtime/state/heap_table.h"

namespace weir {
namespace {

void FreeObject(void* kind, void* object) { static_cast<const ObjectKind*>(kind)->DeleteObject(object); }
void FreePage(void*, void* page) { delete static_cast<HeapTable::Page*>(page); }

}  // namespace

void HeapTable::DeleteAll() {
  for (Page* page : pages_) {
    if (page == nullptr) continue;
    for (const Slot& slot : page->slots) {
      if (slot.object != nullptr) kind_.DeleteObject(slot.object);
    }
    delete page;
  }
  pages_.clear();
  size_ = 0;
}

HeapTable::Slot& HeapTable::WritableSlot(uint32_t entry) {
  const size_t index = entry / kPageSlots;
  if (index >= pages_.size()) pages_.resize(index + 1);
  Page*& page = pages_[index];
  if (page == nullptr) {
    page = new Page;
    page->epoch = epochs_.now();
  } else if (epochs_.IsShared(page->epoch)) {
    Page* const shared = page;
    page = new Page(*shared);
    page->epoch = epochs_.now();
    epochs_.Retire(FreePage, nullptr, shared);
  }
  return page->slots[entry % kPageSlots];
}

void HeapTable::Drop(const Slot& slot) {
  if (epochs_.IsShared(slot.epoch)) {
    epochs_.Retire(FreeObject, const_cast<ObjectKind*>(&kind_), slot.object);
  } else {
    kind_.DeleteObject(slot.object);
  }
}

void* HeapTable::Edit(uint32_t entry) {
  if (Find(entry) == nullptr) return nullptr;
  Slot& slot = WritableSlot(entry);
  if (!epochs_.IsShared(slot.epoch)) return slot.object;
  const Slot shared = slot;
  slot = {kind_.CloneObject(shared.object), epochs_.now()};
  Drop(shared);
  return slot.object;
}

void* HeapTable::FindOwn(uint32_t entry) {
  if (Find(entry) == nullptr) return nullptr;
  const Slot& slot = pages_[entry / kPageSlots]->slots[entry % kPageSlots];
  return epochs_.IsShared(slot.epoch) ? nullptr : slot.object;
}

bool HeapTable::Put(uint32_t entry, void* object) {
  Slot& slot = WritableSlot(entry);
  const Slot before = slot;
  slot = {object, epochs_.now()};
  if (before.object != nullptr) return Drop(before), false;
  ++size_;
  return true;
}

bool HeapTable::Erase(uint32_t entry) {
  if (Find(entry) == nullptr) return false;
  Slot& slot = WritableSlot(entry);
  const Slot before = slot;
  slot = Slot();
  Drop(before);
  --size_;
  return true;
}

HeapTable::View HeapTable::Look() const {
  View view;
  view.pages_.assign(pages_.begin(), pages_.end());
  return view;
}

}  // namespace weir
