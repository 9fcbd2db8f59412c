/// One frame of a transcript, and the TCP segment in it as far as the format tells.
///
/// From a capture file all bytes are known. Text of `tcpdump -A`, and arrows, hide some: `text` says which.
package struct Record: Hashable, Sendable {
  /// The frame; of text, the frame that the text tells of, with a dot (0x2e) for each unknown byte of its payload.
  package var frame: Frame
  package var content: Content
  /// Where in its file the record begins.
  package var place: Place
  /// What is known of the payload; nil where all of it is.
  package var text: PartlyKnownBytes?

  package enum Content: Hashable, Sendable {
    case packet(Packet)
    /// No TCP segment that can be read, and why.
    case other(CaptureError.Reason)
  }

  package enum Place: Hashable, Sendable {
    /// An offset in bytes (of the uncompressed file, if it is compressed).
    case byte(Int)
    /// A line of text, counted from 1.
    case line(Int)
  }

  package init(frame: Frame, content: Content, place: Place, text: PartlyKnownBytes? = nil) {
    self.frame = frame
    self.content = content
    self.place = place
    self.text = text
  }

  /// Reads what the frame holds.
  package init(_ frame: Frame, place: Place) {
    self.frame = frame
    self.place = place
    do throws(CaptureError) {
      content = .packet(try Packet(frame))
    } catch {
      content = .other(error.reason)
    }
  }

  /// The TCP segment, if there is one.
  package var packet: Packet? {
    if case .packet(let packet) = content { packet } else { nil }
  }
}

/// A payload of which text shows only a part, as `tcpdump -A` prints it.
///
/// -A prints a dot for each byte that has no picture, and nothing for a carriage return before a newline (or among the
/// last two bytes). So a dot may be any byte of 0x00–0x08, 0x0b–0x1f and 0x7f–0xff, or a dot, and what stands before a
/// newline may be a byte more.
package struct PartlyKnownBytes: Hashable, Sendable {
  /// The payload, with 0x2e for each unknown byte. Where carriage returns are settled, they are in it.
  package var bytes: [UInt8]
  /// Where the unknown bytes are: ascending, not empty, not touching.
  package var unknown: [Range<Int>]
  /// Where a carriage return may stand that is not in `bytes`: each is the index of the byte before which it would be
  /// (a newline), or `bytes.count` for one at the end.
  package var places: [Int]
  /// How many of `places` have one: all other bytes of the packet are in `bytes`. Nil if the text does not say how long the
  /// payload is.
  package var hidden: Int?

  package init(bytes: [UInt8], unknown: [Range<Int>], places: [Int] = [], hidden: Int? = 0) {
    self.bytes = bytes
    self.unknown = unknown
    self.places = places
    self.hidden = hidden
  }

  /// Whether each byte is known.
  package var isWhole: Bool { unknown.isEmpty && hidden == 0 }

  /// How many bytes are unknown, those not counted that are hidden.
  package var unknownCount: Int { unknown.reduce(0) { $0 + $1.count } }

  package func isKnown(_ index: Int) -> Bool { !unknown.contains { $0.contains(index) } }
}
