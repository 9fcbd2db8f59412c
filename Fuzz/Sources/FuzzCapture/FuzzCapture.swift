import Capture
import LibFuzzer

/// Text gives the same records, whole or in pieces, and each can be written and printed; a frame of any link is printed,
/// and what is read of it is written again as it was.
@main struct FuzzCapture {
  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    _ = runFuzzer(&count, &arguments) { pointer, count in
      let input = Input(pointer, count)
      FuzzCapture.checkText(input)
      FuzzCapture.checkFrame(input.bytes)
      FuzzCapture.checkFile(input.bytes)
      return 0
    }
  }

  struct Outcome: Equatable {
    var records: [Record] = []
    var error: TextError?
  }

  static func checkText(_ input: Input) {
    let whole = tcpdump([input.bytes])
    check(whole == tcpdump(input.pieces), "pieces matter to tcpdump's text")
    let arrows = arrows([input.bytes])
    check(arrows == Self.arrows(input.pieces), "pieces matter to arrows")
    var printer = TcpdumpText(.ascii)
    for record in whole.records + arrows.records {
      var out = TextBuffer()
      printer.append(record.frame, to: &out)
      if let packet = record.packet { check(packet.frame.count <= record.frame.bytes.count, "more than was there") }
      if let text = record.text {
        check(text.unknown.allSatisfy { $0.upperBound <= text.bytes.count }, "unknown nothing")
      }
    }
  }

  static func tcpdump(_ pieces: [[UInt8]]) -> Outcome {
    var reader = TcpdumpReader()
    var outcome = Outcome()
    do throws(TextError) {
      for piece in pieces {
        reader.feed(piece)
        while let record = try reader.next() { outcome.records.append(record) }
      }
      reader.finish()
      while let record = try reader.next() { outcome.records.append(record) }
    } catch { outcome.error = error }
    return outcome
  }

  static func arrows(_ pieces: [[UInt8]]) -> Outcome {
    var reader = ArrowsReader()
    var outcome = Outcome()
    do throws(TextError) {
      for piece in pieces {
        reader.feed(piece)
        while let record = try reader.next() { outcome.records.append(record) }
      }
      reader.finish()
      while let record = try reader.next() { outcome.records.append(record) }
    } catch { outcome.error = error }
    return outcome
  }

  /// The first byte chooses the link, the second how much of the frame was not captured.
  static func checkFrame(_ bytes: [UInt8]) {
    guard bytes.count > 2 else { return }
    let linkType = LinkType.allCases[Int(bytes[0]) % LinkType.allCases.count]
    let captured = SharedBytes(Array(bytes[2...]))
    let frame = Frame(
      timestamp: 0, linkType: linkType, bytes: captured, wireLength: captured.count + Int(bytes[1]))
    for contents in [TcpdumpText.Contents.none, .ascii, .hexAndASCII] {
      var (printer, out) = (TcpdumpText(contents), TextBuffer())
      printer.append(frame, to: &out)
    }
    let record = Record(frame, place: .byte(0))
    if let packet = record.packet { check(packet.frame == Array(captured), "written otherwise than read") }
  }

  static func checkFile(_ bytes: [UInt8]) {
    guard let packets = try? Pcap.packets(in: bytes), let first = packets.first else { return }
    let again = try? Pcap.packets(in: Pcap.file(packets.filter { $0.linkType == first.linkType }))
    check(again != nil, "what was written can't be read")
  }
}
