// Licensed under the Apache License, Version 2.0.
//
// The bytes of handles within `_metadata`. Internal to metadata.cc.
#ifndef WEIR_RUNTIME_FORMAT_HANDLE_CODEC_H_
#define WEIR_RUNTIME_FORMAT_HANDLE_CODEC_H_

#include "absl/status/status.h"
#include "runtime/base/codec.h"
#include "runtime/format/state_handle.h"

namespace weir::format_internal {

// Each writes one handle, tag included; kInvalidArgument for what the format cannot hold.
absl::Status WriteStream(const StreamHandle& handle, ByteWriter& writer);
absl::Status WriteKeyed(const KeyedHandle& handle, ByteWriter& writer);
absl::Status WriteOperator(const OperatorHandle& handle, ByteWriter& writer);
absl::Status WriteChannel(const ChannelHandle& handle, bool has_type, ByteWriter& writer);

// Each reads one; kDataLoss with offset and field for anything that cannot be.
absl::Status ReadStream(ByteReader& reader, StreamHandle* handle);
absl::Status ReadKeyed(ByteReader& reader, KeyedHandle* handle);
absl::Status ReadOperator(ByteReader& reader, OperatorHandle* handle);
absl::Status ReadChannel(ByteReader& reader, bool has_type, ChannelHandle::Kind untyped,
                         ChannelHandle* handle);

// kDataLoss: `what` is wrong here; or why the reader failed before.
absl::Status Damaged(const ByteReader& reader, absl::string_view what);
// A count of things that take at least `smallest` bytes each; checked before anything is allocated.
absl::Status ReadCount(ByteReader& reader, size_t smallest, absl::string_view what, size_t* count);
// kInvalidArgument if `text` is no text or longer than 65535 bytes.
absl::Status WriteText(ByteWriter& writer, absl::string_view text);

}  // namespace weir::format_internal

#endif  // WEIR_RUNTIME_FORMAT_HANDLE_CODEC_H_
