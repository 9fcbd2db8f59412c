import Capture
import Dissection
import LibFuzzer
import Restoration

/// Text in which dots hide bytes: each record that is read comes out of the restorer, in its order, with marks that lie
/// within its payload; what was seen is what it was; and the dissection of it holds together. The first byte chooses the
/// reader.
@main struct FuzzRestoration {
  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    _ = runFuzzer(&count, &arguments) { pointer, count in
      let input = Input(pointer, count)
      FuzzRestoration.checkText(input.bytes)
      return 0
    }
  }

  static func records(_ text: [UInt8], isArrows: Bool) -> [Record] {
    var records: [Record] = []
    var (tcpdump, arrows) = (TcpdumpReader(), ArrowsReader())
    if isArrows { arrows.feed(text) } else { tcpdump.feed(text) }
    if isArrows { arrows.finish() } else { tcpdump.finish() }
    // What is malformed ends the text.
    while let record = (isArrows ? try? arrows.next() : try? tcpdump.next()) ?? nil { records.append(record) }
    return records
  }

  static func checkText(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    let records = records(Array(bytes.dropFirst()), isArrows: first % 2 == 0)
    var restorer = TextRestorer(effort: 100_000)
    var found: [Record] = []
    for record in records {
      restorer.feed(record)
      while let record = restorer.next() { found.append(record) }
    }
    restorer.finish()
    while let record = restorer.next() { found.append(record) }
    check(found.count == records.count, "a record was lost")
    var dissector = TrafficDissector()
    for (record, before) in zip(found, records) {
      check(record.place == before.place, "another order")
      guard let packet = record.packet else { continue }
      for mark in packet.reading?.marks ?? [] {
        check(
          mark.range.lowerBound >= 0 && mark.range.upperBound <= packet.payload.count, "a mark beyond the payload")
      }
      check(record.frame.bytes.count <= record.frame.wireLength, "more was captured than sent")
      _ = dissector.consume(packet)
    }
    _ = dissector.end()
  }
}
