#include <string>

#include "sim/services/log_codec.h"
#include "sim/services/rpc_frame.h"
#include "tests/check_property.h"

namespace weir::sim {
namespace {

std::string AnyBytes() { return *rc::gen::container<std::string>(rc::gen::arbitrary<char>()); }

TEST_CASE("RPC frames: any bytes are read or refused, and what is written is read back", "[services]") {
  CheckProperty(
      "rpc-frame/fuzz",
      [] {
        uint64_t id = 0;
        Message random{AnyBytes(), AnyBytes()};
        const std::optional<RpcRequest> read = RpcRequest::Decode(random, &id);
        if (read.has_value()) {
          RpcRequest again = *read;
          const Message written = std::move(again).Encode();
          RC_ASSERT(written.body == random.body);
          RC_ASSERT(written.lane == random.lane);
        }
        RpcAnswer::Decode(random, &id);

        RpcRequest request;
        request.id = *rc::gen::arbitrary<uint64_t>();
        request.method = *rc::gen::arbitrary<uint8_t>();
        request.subject = AnyBytes();
        request.arguments = AnyBytes();
        RpcRequest copy = request;
        const std::optional<RpcRequest> back = RpcRequest::Decode(std::move(copy).Encode(), &id);
        RC_ASSERT(back.has_value());
        RC_ASSERT(back->id == request.id);
        RC_ASSERT(back->method == request.method);
        RC_ASSERT(back->subject == request.subject);
        RC_ASSERT(back->arguments == request.arguments);
      },
      500);
}

TEST_CASE("Log records: a damaged batch is refused, a whole one is read back", "[services]") {
  CheckProperty(
      "log-codec/fuzz",
      [] {
        const std::string random = AnyBytes();
        ByteReader random_reader(random);
        const absl::StatusOr<std::vector<LogRecord>> read = ReadLogRecords(&random_reader, AnyBytes());
        RC_ASSERT(read.ok() || absl::IsDataLoss(read.status()));

        std::vector<LogRecord> records;
        for (const std::string& value : *rc::gen::container<std::vector<std::string>>(
                 rc::gen::container<std::string>(rc::gen::arbitrary<char>()))) {
          records.push_back({value, StableHash128(value)});
        }
        ByteWriter writer;
        const std::string lane = WriteLogRecords(records, &writer);
        ByteReader reader(writer.bytes());
        const absl::StatusOr<std::vector<LogRecord>> back = ReadLogRecords(&reader, lane);
        RC_ASSERT(back.ok());
        RC_ASSERT(back->size() == records.size());
        for (size_t i = 0; i < records.size(); ++i) {
          RC_ASSERT((*back)[i].value == records[i].value);
          RC_ASSERT((*back)[i].identity == records[i].identity);
        }
        ByteReader cut(absl::string_view(writer.bytes()).substr(0, writer.size() - 1));
        RC_ASSERT(!ReadLogRecords(&cut, lane).ok());
        ByteReader whole(writer.bytes());
        RC_ASSERT(!ReadLogRecords(&whole, lane + "x").ok());
      },
      300);
}

}  // namespace
}  // namespace weir::sim
