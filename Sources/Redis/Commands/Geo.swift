import Glibc
import RESP

// The commands on places, which are members of a sorted set with cells of a grid as scores (geo.c in Redis 7.0). Searches
// stand in `Geo+Search.swift`, the grid in `Types/GeoHash.swift`.

extension CommandTable {
  static let geo: [String: Command.Body] = [
    "geoadd": { $0.geoadd(&$1) },
    "geodist": { $0.geodist(&$1) },
    "geohash": { $0.geohash(&$1) },
    "geopos": { $0.geopos(&$1) },
    "georadius": { $0.georadius(&$1, mayStore: true) },
    "georadius_ro": { $0.georadius(&$1, mayStore: false) },
    "georadiusbymember": { $0.georadiusbymember(&$1, mayStore: true) },
    "georadiusbymember_ro": { $0.georadiusbymember(&$1, mayStore: false) },
    "geosearch": { $0.geosearch(&$1) },
    "geosearchstore": { $0.geosearchstore(&$1) },
  ]
}

extension Node {
  /// GEOADD (`geoaddCommand` in geo.c): a ZADD, which is what the replicas are told.
  mutating func geoadd(_ call: inout Call) {
    var (position, isNew, isOld) = (2, false, false)
    while position < call.arguments.count {
      let option = call.arguments[position]
      if option.matches("NX") {
        isNew = true
      } else if option.matches("XX") {
        isOld = true
      } else if !option.matches("CH") {
        break
      }
      position += 1
    }
    guard (call.arguments.count - position).isMultiple(of: 3), !(isNew && isOld) else { return call.syntaxError() }
    var words: [Bytes] = ["zadd"] + call.arguments[1..<position]
    for start in stride(from: position, to: call.arguments.count, by: 3) {
      guard let place = call.place(at: start) else { return }
      words.append(Bytes(String(GeoHash(place, step: GeoHash.finest).aligned)))
      words.append(call.arguments[start + 2])
    }
    // Who looks at commands is shown what was said.
    let said = call.arguments
    call.arguments = words
    zadd(&call)
    call.arguments = said
    if case .ifChanged = call.propagation { call.propagation = .rewritten(words) }
  }

  /// GEODIST (`geodistCommand` in geo.c).
  mutating func geodist(_ call: inout Call) {
    var unit = 1.0
    if call.arguments.count == 5 {
      guard let given = call.lengthUnit(at: 4) else { return }
      unit = given
    } else if call.arguments.count > 5 {
      return call.syntaxError()
    }
    switch read(SortedSet.self, &call) {
    case .wrongType: return
    case .nothing: call.reply.null()
    case .held(let set):
      guard let a = set.place(of: call.arguments[2]), let b = set.place(of: call.arguments[3]) else {
        return call.reply.null()
      }
      call.reply.distance(a.distance(to: b) / unit)
    }
  }

  /// GEOHASH (`geohashCommand` in geo.c).
  mutating func geohash(_ call: inout Call) {
    guard let places = places(&call) else { return }
    call.reply.array(places.count)
    for place in places { if let place { call.reply.bulk(GeoHash.text(of: place)) } else { call.reply.null() } }
  }

  /// GEOPOS (`geoposCommand` in geo.c).
  mutating func geopos(_ call: inout Call) {
    guard let places = places(&call) else { return }
    call.reply.array(places.count)
    for place in places { if let place { call.reply.place(place) } else { call.reply.nullArray() } }
  }

  /// Where the members are that the command names; nil for those that are not there.
  private mutating func places(_ call: inout Call) -> [Place?]? {
    let members = call.arguments.dropFirst(2)
    switch read(SortedSet.self, &call) {
    case .wrongType: return nil
    case .nothing: return members.map { _ in nil }
    case .held(let set): return members.map { set.place(of: $0) }
    }
  }
}

extension SortedSet {
  /// (`longLatFromMember` in geo.c.)
  func place(of member: Bytes) -> Place? { score(of: member).map { GeoHash(score: $0).place } }
}

extension Call {
  /// Longitude and latitude from that position on; what is no place is told the client (`extractLongLatOrReply` in geo.c).
  mutating func place(at position: Int) -> Place? {
    guard let longitude = double(at: position), let latitude = double(at: position + 1) else { return nil }
    let place = Place(longitude: longitude, latitude: latitude)
    guard GeoArea.mercator.contains(place) else {
      reply.error("ERR invalid longitude,latitude pair \(Call.sixDecimals(longitude)),\(Call.sixDecimals(latitude))")
      return nil
    }
    return place
  }

  /// `%f`.
  private static func sixDecimals(_ number: Double) -> String {
    var buffer = [CChar](repeating: 0, count: 400)
    let count = unsafe withVaList([number]) { arguments in unsafe vsnprintf(&buffer, buffer.count, "%f", arguments) }
    return String(decoding: buffer.prefix(Int(count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// How many metres a unit has; what is none is told the client (`extractUnitOrReply` in geo.c).
  mutating func lengthUnit(at position: Int) -> Double? {
    let word = arguments[position]
    if word.matches("M") { return 1 }
    if word.matches("KM") { return 1000 }
    if word.matches("FT") { return 0.3048 }
    if word.matches("MI") { return 1609.34 }
    reply.error("ERR unsupported unit provided. please use M, KM, FT, MI")
    return nil
  }
}

extension ReplyBuffer {
  /// A length with four decimals (`addReplyDoubleDistance` in geo.c; `fixedpoint_d2string` in util.c).
  mutating func distance(_ length: Double) {
    let scaled = (length * 10_000).rounded(.toNearestOrEven)
    let whole = abs(scaled) < 0x1p63 ? Int64(scaled) : .min
    let digits = String(whole.magnitude)
    let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
    bulk((whole < 0 ? "-" : "") + padded.dropLast(4) + "." + padded.suffix(4))
  }

  mutating func place(_ place: Place) {
    array(2)
    humanDouble(place.longitude)
    humanDouble(place.latitude)
  }

  /// A number without zeros at its end (`addReplyHumanLongDouble` in networking.c).
  private mutating func humanDouble(_ number: Double) {
    let text = LongDouble.text(LongDouble.Number(number))
    if version == .resp2 { bulk(text) } else { raw(Array(",\(text)\r\n".utf8)) }
  }
}
