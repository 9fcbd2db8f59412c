import Capture
import Lab

extension Session {
  /// All up to this moment in a form, as it may be seen, how many packets that are, and what is to be said of them.
  func transcript(in format: TranscriptFormat) -> (bytes: [UInt8], packetCount: Int, remarks: [String]) {
    switch format.form {
    case .frames(let form):
      let packets = shownSteps.flatMap(\.packets)
      let writer = form(.init(linkType: packets.first?.linkType ?? .ethernet))
      var bytes = writer.beginning
      var differences = TcpdumpDifferences()
      for packet in packets {
        writer.append(Frame(packet), &bytes)
        if !format.isBinary { differences.count(packet) }
      }
      return (bytes, packets.count, differences.sentences)
    case .steps(let form):
      var writer = form(.init(title: title, isRecording: timeline.recording != nil))
      var (text, count) = (writer.beginning, 0)
      // One walker goes along, so that no world is made more than once.
      var walker = timeline
      for number in 1..<timeline.position + 1 {
        let (step, before, after) = moment(number, by: &walker)
        text += writer.text(of: step, in: timeline, before: before, after: after)
        count += step.packets.count
      }
      return (Array((text + writer.end()).utf8), count, [])
    }
  }

}
