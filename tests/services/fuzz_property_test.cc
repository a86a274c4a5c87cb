#include <string>

#include "runtime/env/log_records.h"
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
        RC_ASSERT(back->arguments.view() == request.arguments.view());
        RC_ASSERT(RpcRequest(*back).arguments.size() == request.arguments.size());

        // The same with the head written first.
        RpcRequest in_place = request;
        ByteWriter frame;
        const size_t head = in_place.WriteHead(frame);
        frame.Raw(request.arguments.view());
        in_place.arguments = {frame.Take(), head};
        in_place.id = request.id + 1;  // as the client does, last
        request.id = in_place.id;
        RC_ASSERT(std::move(in_place).Encode().body == std::move(request).Encode().body);
      },
      500);
}

TEST_CASE("Log records: a damaged batch is refused, a whole one is read back", "[services]") {
  CheckProperty(
      "log-records/fuzz",
      [] {
        const absl::StatusOr<LogRecords> read =
            LogRecords::From(*rc::gen::inRange<uint32_t>(0, 4), AnyBytes(), AnyBytes());
        RC_ASSERT(read.ok() || absl::IsDataLoss(read.status()));

        const std::vector<std::string> values = *rc::gen::container<std::vector<std::string>>(
            rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
        LogRecordsWriter writer;
        for (const std::string& value : values) writer.Add({value, StableHash128(value)});
        const LogRecords records = writer.Take();
        RC_ASSERT(writer.size() == 0u);
        const auto count = static_cast<uint32_t>(values.size());
        const absl::StatusOr<LogRecords> back = LogRecords::From(count, records.values(), records.lane());
        RC_ASSERT(back.ok());
        RC_ASSERT(back->size() == values.size());
        size_t at = 0;
        for (const LogRecord& record : *back) {
          RC_ASSERT(record.value == values[at++]);
          RC_ASSERT(record.identity == StableHash128(record.value));
        }
        RC_ASSERT(at == values.size());
        RC_ASSERT(!LogRecords::From(count + 1, records.values(), records.lane()).ok());
        RC_ASSERT(!LogRecords::From(count, records.values() + "x", records.lane()).ok());
        RC_ASSERT(!LogRecords::From(count, records.values(), records.lane() + "x").ok());
        if (values.empty()) return;
        const std::string cut = records.values().substr(0, records.values().size() - 1);
        RC_ASSERT(!LogRecords::From(count, cut, records.lane()).ok());
      },
      300);
}

}  // namespace
}  // namespace weir::sim
