import Capture
import Testing

@Suite("pcap files")
struct PcapTests {
  @Test("A recording of the real tcpdump, read and written again, is the same file", arguments: Captures.names)
  func roundTrip(name: String) throws {
    let bytes = try Captures.bytes(name)
    #expect(Pcap.file(try Pcap.packets(in: bytes)) == bytes)
  }

  @Test("A packet stays small: a lab keeps millions of them")
  func size() { #expect(MemoryLayout<Packet>.stride <= 88) }

  @Test("Both byte orders and both resolutions are read", arguments: [true, false], [true, false])
  func variants(isBigEndian: Bool, isNanoseconds: Bool) throws {
    let original = try Captures.packets("fullsync-diskless")
    let file = variant(original, isBigEndian: isBigEndian, isNanoseconds: isNanoseconds)
    var packets = try Pcap.packets(in: file)
    if isNanoseconds {
      #expect(packets[0].timestamp == original[0].timestamp + 7)
      for index in packets.indices { packets[index].timestamp -= 7 }
    }
    #expect(packets == original)
  }

  /// The same packets in another dialect of the format; nanoseconds have a 7 added that microseconds could not hold.
  private func variant(_ packets: [Packet], isBigEndian: Bool, isNanoseconds: Bool) -> [UInt8] {
    func word(_ value: UInt32) -> [UInt8] {
      let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
      return isBigEndian ? bytes : bytes.reversed()
    }
    func half(_ value: UInt32) -> [UInt8] { isBigEndian ? Array(word(value)[2...]) : Array(word(value)[..<2]) }
    var file = word(isNanoseconds ? 0xa1b2_3c4d : 0xa1b2_c3d4) + half(2) + half(4)
    file += word(0) + word(0) + word(65_535) + word(1)
    for packet in packets {
      let frame = packet.frame
      let (seconds, rest) = packet.timestamp.quotientAndRemainder(dividingBy: 1_000_000_000)
      file += word(UInt32(seconds)) + word(UInt32(isNanoseconds ? rest + 7 : rest / 1_000))
      file += word(UInt32(frame.count)) + word(UInt32(frame.count)) + frame
    }
    return file
  }

  @Test("A file cut anywhere gives the packets before the cut, then an error that says where it ends")
  func cut() throws {
    let bytes = try Captures.bytes("fullsync-disk")
    let whole = try Pcap.packets(in: bytes)
    var boundaries: Set<Int> = [24]
    var end = 24
    for packet in whole {
      end += 16 + packet.frame.count
      boundaries.insert(end)
    }
    for length in 0..<400 {
      let file = Array(bytes[..<length])
      do {
        var reader = try Pcap.Reader(file)
        var count = 0
        do {
          while let packet = try reader.next() {
            #expect(packet == whole[count])
            count += 1
          }
          #expect(boundaries.contains(length))
        } catch {
          #expect(error.offset == length && !boundaries.contains(length))
        }
      } catch {
        #expect(length < 24 && error.offset == (length < 4 ? 0 : length))
      }
    }
  }

  @Test("Any byte of a file may be anything: there is an error or there are packets, never a trap")
  func hostile() throws {
    let bytes = Array(try Captures.bytes("fullsync-disk")[..<400])
    for index in bytes.indices {
      for value: UInt8 in [0, 1, 0x0f, 0x45, 0x7f, 0x80, 0xf0, 0xff] {
        var file = bytes
        file[index] = value
        guard let packets = try? Pcap.packets(in: file) else { continue }
        // What was read can be written, read and printed.
        #expect((try? Pcap.packets(in: Pcap.file(packets)))?.count == packets.count)
        _ = ourTcpdump(packets, .hexAndASCII)
      }
    }
  }

  @Test("What is not ours to read is named, with its offset")
  func refusals() throws {
    let good = try Captures.bytes("fullsync-disk")
    func error(_ index: Int, _ bytes: [UInt8]) -> CaptureError? {
      var file = good
      file.replaceSubrange(index..<index + bytes.count, with: bytes)
      do {
        _ = try Pcap.packets(in: file)
        return nil
      } catch { return error }
    }
    #expect(error(0, [0x0a, 0x0d, 0x0d, 0x0a]) == CaptureError(offset: 0, reason: .notPcap))
    #expect(error(4, [1]) == CaptureError(offset: 4, reason: .unsupportedVersion(major: 1, minor: 4)))
    #expect(error(20, [105]) == CaptureError(offset: 20, reason: .unsupportedLinkType(105)))
    #expect(error(32, [0, 0, 8, 0]) == CaptureError(offset: 32, reason: .recordTooLong(524_288)))
    #expect(error(52, [0x08, 0x06]) == CaptureError(offset: 52, reason: .unsupportedEtherType(0x806)))
    #expect(error(54, [0x65]) == CaptureError(offset: 54, reason: .badVersion(6, expected: 4)))
    #expect(error(54, [0x44]) == CaptureError(offset: 54, reason: .badHeaderLength(.datagram, 16)))
    #expect(error(60, [0x1f]) == CaptureError(offset: 60, reason: .fragment))
    #expect(error(63, [17]) == CaptureError(offset: 63, reason: .unsupportedProtocol(17)))
    #expect(error(86, [0x40]) == CaptureError(offset: 86, reason: .badHeaderLength(.segment, 16)))
    #expect("\(try #require(error(63, [17])))" == "byte 63: IP protocol 17, which is not TCP (6)")
  }

  @Test("A packet whose end was not captured says how much is missing, and is written like that")
  func snapshotLength() throws {
    let packet = try #require(try Captures.packets("fullsync-disk").first { $0.payload.count > 100 })
    let frame = Array(packet.frame.dropLast(30))
    let cut = try Packet(frame: SharedBytes(frame), timestamp: packet.timestamp)
    #expect(cut.missing == 30 && cut.length == packet.length && cut.payload == packet.payload.dropLast(30))
    #expect(try Pcap.packets(in: Pcap.file([cut])) == [cut])
  }
}
