extension TcpdumpReader {
  /// Reads what -A printed under the line; or nothing, if that was not asked for.
  mutating func textRecord(
    _ header: TcpdumpLine, _ segment: TcpdumpLine.Segment, _ timestamp: Int64, number: Int
  ) throws(TextError) -> Record {
    guard let source = hosts.endpoint(segment.source, isIPv6: header.isIPv6) else {
      throw TextError(line: number, reason: .badField("source"))
    }
    guard let destination = hosts.endpoint(segment.destination, isIPv6: header.isIPv6) else {
      throw TextError(line: number, reason: .badField("destination"))
    }
    let headers =
      segment.isQuick
      ? headerLength(of: segment, header) : (header.isIPv6 ? 40 : 20) + 20 + segment.options.count
    let text = contents(of: headers + segment.length)
    let numbers = self.numbers(segment, source, destination)
    var packet = Packet(
      timestamp: timestamp, source: source, destination: destination, sequence: numbers.sequence,
      acknowledgement: numbers.acknowledgement, flags: segment.flags, window: segment.window,
      options: TCPOptions(bytes: SharedBytes(segment.options)), identification: 0)
    packet.urgentPointer = segment.urgentPointer
    fill(&packet, from: header, text)

    var known = Self.payload(text.dropFirst(headers), length: segment.length)
    if text.isEmpty { known = Self.nothing(length: segment.length) }
    let bytes = known.filled
    packet.payload = SharedBytes(Array(bytes.prefix(segment.length)))
    packet.missing = UInt16(clamping: segment.length - packet.payload.count)
    let frame = Frame(
      timestamp: timestamp, linkType: .ethernet, bytes: SharedBytes(packet.frame), wireLength: packet.wireLength)
    return Record(
      frame: frame, content: .packet(packet), place: .line(number), text: known.isWhole ? nil : known)
  }

  /// -q does not tell how long the headers are: just as long as lets the payload fill the text up to the next packet's line,
  /// a hidden carriage return for each of its newlines.
  private func headerLength(of segment: TcpdumpLine.Segment, _ header: TcpdumpLine) -> Int {
    let least = (header.isIPv6 ? 40 : 20) + 20
    if let length = header.datagramLength { return max(least, length - segment.length) }
    var end = position
    var cursor = position
    while let next = line(at: cursor), parse(next.text) == nil, cursor - position < least + 40 + segment.length {
      end = next.text.upperBound
      cursor = next.end
    }
    let text = buffer[position..<end]
    // Timestamps are in almost every segment of today.
    let choices = [12, 0, 20, 4, 8, 16, 24, 28, 32, 36, 40].map { least + $0 }
    func hidden(_ headers: Int) -> (bytes: Int, newlines: Int) {
      (headers + segment.length - text.count, text.dropFirst(headers).count { $0 == 0x0a })
    }
    return choices.first { hidden($0).bytes == hidden($0).newlines }
      ?? choices.first { (0...hidden($0).newlines + 2).contains(hidden($0).bytes) } ?? choices[0]
  }

  /// What of the IP header -v tells, or the text shows.
  private func fill(_ packet: inout Packet, from header: TcpdumpLine, _ text: ArraySlice<UInt8>) {
    if let value = header.internet["tos"] { packet.typeOfService = UInt8(truncatingIfNeeded: value) }
    if let value = header.internet["ttl"] { packet.timeToLive = UInt8(truncatingIfNeeded: value) }
    guard !header.isIPv6 else { return }
    if header.mayFragment { packet.fragment = 0 }
    if let value = header.internet["id"] {
      packet.identification = UInt16(truncatingIfNeeded: value)
    } else if text.count >= 20 {
      func byte(_ at: Int) -> UInt16 {
        let byte = text[text.startIndex + at]
        return byte == 0x2e ? 0 : UInt16(byte)
      }
      packet.identification = byte(4) << 8 | byte(5)
    }
  }

  /// The numbers as they were on the wire: tcpdump counts from a connection's first ones, unless -S asks for them.
  private mutating func numbers(
    _ segment: TcpdumpLine.Segment, _ source: Endpoint, _ destination: Endpoint
  ) -> (sequence: UInt32, acknowledgement: UInt32) {
    let pair = TcpdumpText.Pair(source, destination)
    let isSwapped = TcpdumpText.Pair.isSwapped(source, destination)
    var sequence = segment.sequence
    // -q tells no numbers: each segment follows the one before it, and acknowledges all that was seen.
    var acknowledgement = segment.acknowledgement ?? 0
    if segment.isQuick, let known = conversations[pair] {
      acknowledgement = isSwapped ? known.next.lower : known.next.upper
    }
    if !segment.isQuick, segment.flags.contains(.acknowledgement), !segment.flags.contains(.syn),
      let known = conversations[pair]
    {
      let (ours, theirs) = isSwapped ? (known.first.upper, known.first.lower) : (known.first.lower, known.first.upper)
      let next = isSwapped ? known.next.lower : known.next.upper
      // The printed number, or the one counted from the first: whichever is nearer to what comes next.
      func distance(_ number: UInt32) -> UInt32 { (Int32(bitPattern: number &- next)).magnitude }
      if distance(acknowledgement &+ theirs) <= distance(acknowledgement) {
        acknowledgement &+= theirs
        sequence = sequence.map { $0 &+ ours }
      }
    }
    learn(pair, isSwapped, segment, sequence, acknowledgement)
    let expected = conversations[pair].map { isSwapped ? $0.next.upper : $0.next.lower } ?? 0
    let number = sequence ?? expected
    if segment.flags.contains(.acknowledgement) {
      let end = number &+ UInt32(truncatingIfNeeded: segment.length)
      if isSwapped { conversations[pair]?.next.upper = end } else { conversations[pair]?.next.lower = end }
    }
    return (number, acknowledgement)
  }

  private mutating func learn(
    _ pair: TcpdumpText.Pair, _ isSwapped: Bool, _ segment: TcpdumpLine.Segment, _ sequence: UInt32?,
    _ acknowledgement: UInt32
  ) {
    guard segment.flags.contains(.acknowledgement) else { return }
    guard conversations[pair] == nil || segment.flags.contains(.syn) else { return }
    // An acknowledgement alone has no number printed; it is unknown, and counts as none.
    let (ours, theirs) = (sequence ?? 0, acknowledgement &- 1)
    let first = TcpdumpText.FirstNumbers(lower: isSwapped ? theirs : ours, upper: isSwapped ? ours : theirs)
    let mine = ours &+ (segment.flags.contains(.syn) ? 1 : 0)
    conversations[pair] = Known(
      first: first,
      next: TcpdumpText.FirstNumbers(
        lower: isSwapped ? acknowledgement : mine, upper: isSwapped ? mine : acknowledgement))
  }
}

// MARK: - The text under a line

extension TcpdumpReader {
  /// Takes the text of a datagram of so many bytes. It ends before the next packet's line; but as long as bytes are wanting
  /// and the text goes on to give just them, a line that looks like one is payload.
  private mutating func contents(of count: Int) -> ArraySlice<UInt8> {
    let start = position
    var end = start
    var newlines = 0
    while let next = line(at: position) {
      if parse(next.text) != nil {
        // A hidden carriage return for each newline, and two at the end, are all that can be wanting.
        if end - start + newlines + 2 >= count || !goesOn(from: start, newlines, to: count) { break }
      }
      take(next)
      end = next.text.upperBound
      newlines += 1
      // Longer than the datagram: padding of the frame, or remarks of tcpdump's.
      if end - start > count + 64 { skipRemarks(); break }
    }
    return buffer[start..<min(max(start, end), start + count)]
  }

  private mutating func skipRemarks() {
    while let next = line(at: position), parse(next.text) == nil { take(next) }
  }

  /// Whether the lines from here on, whatever they look like, fill the datagram up before the next packet's line.
  private func goesOn(from start: Int, _ newlines: Int, to count: Int) -> Bool {
    var cursor = position
    var newlines = newlines
    while let next = line(at: cursor) {
      let length = next.text.upperBound - start
      guard length <= count else { return false }
      cursor = next.end
      newlines += 1
      if length + newlines + 2 >= count {
        guard let after = line(at: cursor) else { return true }
        if parse(after.text) != nil { return true }
      }
    }
    return false
  }

  /// What the text tells of a payload of that length.
  static func payload(_ text: ArraySlice<UInt8>, length: Int) -> PartlyKnownBytes {
    let bytes = Array(text.prefix(length))
    let hidden = length - bytes.count
    let newlines = bytes.indices.filter { bytes[$0] == 0x0a }
    var known = PartlyKnownBytes(bytes: bytes, unknown: [], places: [], hidden: hidden)
    if hidden > 0 {
      if hidden == newlines.count {
        // One for each newline: that is how Redis ends lines.
        known.bytes = []
        for byte in bytes {
          if byte == 0x0a { known.bytes.append(0x0d) }
          known.bytes.append(byte)
        }
        known.hidden = 0
      } else if hidden <= newlines.count + 2 {
        known.places = newlines + [bytes.count]
      } else {
        // More than text can hide: the end was not captured.
        known.hidden = nil
        known.places = newlines + [bytes.count]
      }
    }
    known.unknown = Self.dots(known.bytes)
    return known
  }

  static func dots(_ bytes: [UInt8]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for index in bytes.indices where bytes[index] == 0x2e {
      if let last = ranges.last, last.upperBound == index {
        ranges[ranges.count - 1] = last.lowerBound..<index + 1
      } else {
        ranges.append(index..<index + 1)
      }
    }
    return ranges
  }

  private static func nothing(length: Int) -> PartlyKnownBytes {
    PartlyKnownBytes(
      bytes: Array(repeating: 0x2e, count: min(length, 0xffff)), unknown: length > 0 ? [0..<min(length, 0xffff)] : [])
  }
}

extension PartlyKnownBytes {
  /// The bytes with as many carriage returns as are hidden put into the first places that may have them: a guess where the
  /// places outnumber them.
  package var filled: [UInt8] {
    guard let hidden, hidden > 0 else { return bytes }
    var filled: [UInt8] = []
    var left = hidden
    var next = places[...]
    for (index, byte) in bytes.enumerated() {
      if left > 0, next.first == index {
        next.removeFirst()
        filled.append(0x0d)
        left -= 1
      }
      filled.append(byte)
    }
    return filled + Array(repeating: 0x0d, count: left)
  }
}
