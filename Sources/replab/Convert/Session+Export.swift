import Capture
import Lab
import RESP
import Views

extension Session {
  /// All up to this moment in a form, or a part of it, as it may be seen, how many packets that are, and what is to be said
  /// of them. What has a title bears the file's name: several of one session are then told apart.
  func transcript(
    in format: TranscriptFormat, for path: String, _ part: ExportPart = ExportPart()
  ) throws(Complaint) -> (bytes: [UInt8], packetCount: Int, remarks: [String]) {
    let numbers = try steps(of: part)
    switch format.form {
    case .frames(let form):
      guard !part.folds else { throw .usage("\(format.name) has every packet: there is nothing to fold in it") }
      let packets = try packets(of: numbers, part.link)
      let writer = form(.init(linkType: packets.first?.linkType ?? .ethernet))
      var bytes = writer.beginning
      var differences = TcpdumpDifferences()
      for packet in packets {
        if shouldStop() { throw .interrupted }
        writer.append(Frame(packet), &bytes)
        if !format.isBinary { differences.count(packet) }
      }
      return (bytes, packets.count, differences.sentences)
    case .steps(let form):
      var writer = form(
        .init(
          title: timeline.recording == nil ? TranscriptFormat.bareName(of: path) : title,
          isRecording: timeline.recording != nil, isFolded: part.folds, link: part.link))
      var (text, count) = (writer.beginning, 0)
      // One walker goes along, so that no world is made more than once.
      var walker = timeline
      var progress = progressLine
      defer { progress.clear() }
      for number in numbers {
        if shouldStop() { throw .interrupted }
        progress.tell("\(number) of \(numbers.upperBound - 1) steps")
        let (step, before, after) = moment(number, by: &walker)
        text += writer.text(of: step, in: timeline, before: before, after: after)
        count += part.link.map { step.packets(on: $0, worlds: [after, before]).count } ?? step.packets.count
      }
      try require(count, on: part.link)
      return (Array((text + writer.end()).shown.utf8), count, [])
    }
  }

  /// The steps that are there of those that are meant.
  private func steps(of part: ExportPart) throws(Complaint) -> Range<Int> {
    let end = timeline.position
    guard let steps = part.steps else { return 1..<end + 1 }
    guard steps.lowerBound <= end else {
      throw .usage(
        "there is no step \(steps.lowerBound) before this moment",
        advice: end == 0 ? "Nothing has happened yet." : "Steps are numbered from 1 to \(end).")
    }
    return steps.lowerBound..<min(steps.upperBound, end) + 1
  }

  /// The packets that crossed the wire in these steps, on one link or on all.
  private func packets(of numbers: Range<Int>, _ link: Link.ID?) throws(Complaint) -> [Packet] {
    var packets: [Packet] = []
    guard let link else {
      timeline.forEachStep { if numbers.contains($0.number) { packets += shown($0).packets } }
      return packets
    }
    var walker = timeline
    for number in numbers where !timeline[number].packets.isEmpty {
      let (step, before, after) = moment(number, by: &walker)
      packets += step.packets(on: link, worlds: [after, before])
    }
    try require(packets.count, on: link)
    return packets
  }

  private func require(_ count: Int, on link: Link.ID?) throws(Complaint) {
    guard let link, count == 0 else { return }
    throw .usage("no packet has crossed link \(link) in these steps", advice: "`info links` lists those that are open.")
  }
}
