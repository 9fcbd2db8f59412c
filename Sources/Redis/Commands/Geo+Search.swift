// Searches for places around a place (geo.c in Redis 7.0).

/// What a search found (`geoPoint` in geo.h).
private struct GeoPoint {
  var member: Bytes
  var score: Double
  var place: Place
  /// Metres.
  var distance: Double
}

/// What a search is asked for (`georadiusGeneric` in geo.c).
private struct GeoSearch {
  enum Form { case radius, radiusReadOnly, search, searchAndStore }

  var form: Form
  var center: Place?
  var outline: GeoShape.Outline?
  var unit = 1.0
  /// A member of a key that is not there was asked for: there is no middle, and nothing to find.
  var isCenterMissing = false
  var target: Bytes?
  var storesDistance = false
  var withDistance = false, withHash = false, withPlace = false
  /// Ascending or descending; nil: as they are found.
  var isAscending: Bool?
  /// 0: all.
  var count: Int64 = 0
  /// The search ends as soon as so many are found.
  var takesAny = false

  init(_ form: Form) { self.form = form }

  var isSearch: Bool { form == .search || form == .searchAndStore }
}

extension Node {
  /// GEORADIUS, GEORADIUS_RO (`georadiusCommand`, `georadiusroCommand` in geo.c).
  mutating func georadius(_ call: inout Call, mayStore: Bool) {
    guard let set = searchedSet(&call, at: 1) else { return }
    var search = GeoSearch(mayStore ? .radius : .radiusReadOnly)
    guard let place = call.place(at: 2), search.readRadius(&call, at: 4) else { return }
    search.center = place
    run(&call, &search, on: set, optionsFrom: 6)
  }

  /// GEORADIUSBYMEMBER, GEORADIUSBYMEMBER_RO (`georadiusbymemberCommand`, `georadiusbymemberroCommand` in geo.c).
  mutating func georadiusbymember(_ call: inout Call, mayStore: Bool) {
    guard let set = searchedSet(&call, at: 1) else { return }
    var search = GeoSearch(mayStore ? .radius : .radiusReadOnly)
    if !set.isEmpty {
      guard search.readMember(&call, at: 2, of: set), search.readRadius(&call, at: 3) else { return }
    }
    run(&call, &search, on: set, optionsFrom: 5)
  }

  /// GEOSEARCH (`geosearchCommand` in geo.c).
  mutating func geosearch(_ call: inout Call) {
    guard let set = searchedSet(&call, at: 1) else { return }
    var search = GeoSearch(.search)
    run(&call, &search, on: set, optionsFrom: 2)
  }

  /// GEOSEARCHSTORE (`geosearchstoreCommand` in geo.c).
  mutating func geosearchstore(_ call: inout Call) {
    guard let set = searchedSet(&call, at: 2) else { return }
    var search = GeoSearch(.searchAndStore)
    search.target = call.arguments[1]
    run(&call, &search, on: set, optionsFrom: 3)
  }

  /// Empty where there is no key; something of another type is told the client.
  private mutating func searchedSet(_ call: inout Call, at position: Int) -> SortedSet? {
    switch read(SortedSet.self, at: position, &call) {
    case .wrongType: nil
    case .nothing: SortedSet(packing: [])
    case .held(let set): set
    }
  }

  private mutating func run(_ call: inout Call, _ search: inout GeoSearch, on set: SortedSet, optionsFrom start: Int) {
    guard search.readOptions(&call, from: start, set) else { return }
    if let complaint = search.complaint(call.arguments[0]) { return call.reply.error(complaint) }
    var points: [GeoPoint] = []
    if !set.isEmpty, let center = search.center, let outline = search.outline {
      points = search.points(in: set, GeoShape(center: center, outline: outline, unit: search.unit))
    }
    if let target = search.target {
      store(&call, points, target, search)
    } else {
      call.reply.points(points, search)
    }
  }

  /// Makes a sorted set of what was found, and replies with how many that are.
  private mutating func store(_ call: inout Call, _ points: [GeoPoint], _ target: Bytes, _ search: GeoSearch) {
    let database = call.database
    // A very wide search may find a member twice.
    var scores = Dict<Double>()
    for point in points {
      scores.set(point.member, to: search.storesDistance ? point.distance / search.unit : point.score)
    }
    var entries: [SortedSet.Entry] = []
    scores.forEach { entries.append(SortedSet.Entry($0.key, $0.payload)) }
    if !points.isEmpty {
      setKey(target, to: SortedSet(entries, configuration.packing).asValue, in: database)
      notify(.sortedSet, search.isSearch ? "geosearchstore" : "georadiusstore", target, in: database)
      dirty += Int64(points.count)
    } else if deleteKey(target, in: database) {
      notify(.generic, "del", target, in: database)
      dirty += 1
    }
    call.reply.integer(points.count)
  }
}

// MARK: Reading the request

extension GeoSearch {
  /// `radius unit` (`extractDistanceOrReply` in geo.c).
  mutating func readRadius(_ call: inout Call, at position: Int) -> Bool {
    guard let radius = call.double(at: position, complaint: "ERR need numeric radius") else { return false }
    guard radius >= 0 else {
      call.reply.error("ERR radius cannot be negative")
      return false
    }
    guard let unit = call.lengthUnit(at: position + 1) else { return false }
    (outline, self.unit) = (.circle(radius: radius), unit)
    return true
  }

  /// `width height unit` (`extractBoxOrReply` in geo.c).
  private mutating func readBox(_ call: inout Call, at position: Int) -> Bool {
    guard let width = call.double(at: position, complaint: "ERR need numeric width"),
      let height = call.double(at: position + 1, complaint: "ERR need numeric height")
    else { return false }
    guard width >= 0, height >= 0 else {
      call.reply.error("ERR height or width cannot be negative")
      return false
    }
    guard let unit = call.lengthUnit(at: position + 2) else { return false }
    (outline, self.unit) = (.box(width: width, height: height), unit)
    return true
  }

  mutating func readMember(_ call: inout Call, at position: Int, of set: SortedSet) -> Bool {
    guard let place = set.place(of: call.arguments[position]) else {
      call.reply.error("ERR could not decode requested zset member")
      return false
    }
    center = place
    return true
  }

  mutating func readOptions(_ call: inout Call, from start: Int, _ set: SortedSet) -> Bool {
    var position = start
    // FROMMEMBER and FROMLONLAT may each come twice, but not both; so may BYRADIUS and BYBOX.
    var (isMember, isPlace, isCircle, isBox) = (false, false, false, false)
    while position < call.arguments.count {
      let (option, left) = (call.arguments[position], call.arguments.count - position - 1)
      if readFlag(option) {
        position += 1
      } else if option.matches("COUNT"), left >= 1 {
        guard readCount(&call, at: position + 1) else { return false }
        position += 2
      } else if form == .radius, left >= 1, option.matches("STORE") || option.matches("STOREDIST") {
        (target, storesDistance) = (call.arguments[position + 1], option.matches("STOREDIST"))
        position += 2
      } else if isSearch, left >= 1, !isPlace, option.matches("FROMMEMBER") {
        isMember = true
        if set.isEmpty {
          isCenterMissing = true
        } else if !readMember(&call, at: position + 1, of: set) {
          return false
        }
        position += 2
      } else if isSearch, left >= 2, !isMember, option.matches("FROMLONLAT") {
        guard let place = call.place(at: position + 1) else { return false }
        (center, isPlace) = (place, true)
        position += 3
      } else if isSearch, left >= 2, !isBox, option.matches("BYRADIUS") {
        guard readRadius(&call, at: position + 1) else { return false }
        isCircle = true
        position += 3
      } else if isSearch, left >= 3, !isCircle, option.matches("BYBOX") {
        guard readBox(&call, at: position + 1) else { return false }
        isBox = true
        position += 4
      } else {
        call.syntaxError()
        return false
      }
    }
    return true
  }

  /// An option of one word.
  private mutating func readFlag(_ option: Bytes) -> Bool {
    if option.matches("WITHDIST") {
      withDistance = true
    } else if option.matches("WITHHASH") {
      withHash = true
    } else if option.matches("WITHCOORD") {
      withPlace = true
    } else if option.matches("ANY") {
      takesAny = true
    } else if option.matches("ASC") {
      isAscending = true
    } else if option.matches("DESC") {
      isAscending = false
    } else if form == .searchAndStore, option.matches("STOREDIST") {
      storesDistance = true
    } else {
      return false
    }
    return true
  }

  private mutating func readCount(_ call: inout Call, at position: Int) -> Bool {
    guard let count = call.integer(at: position) else { return false }
    guard count > 0 else {
      call.reply.error("ERR COUNT must be > 0")
      return false
    }
    self.count = count
    return true
  }

  /// What doesn't go together, or is missing.
  func complaint(_ command: Bytes) -> String? {
    if target != nil, withDistance || withHash || withPlace {
      let name = form == .searchAndStore ? "GEOSEARCHSTORE" : "STORE option in GEORADIUS"
      return "ERR \(name) is not compatible with WITHDIST, WITHHASH and WITHCOORD options"
    }
    if isSearch, center == nil, !isCenterMissing {
      return "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for \(command.printed)"
    }
    if isSearch, outline == nil {
      return "ERR exactly one of BYRADIUS and BYBOX can be specified for \(command.printed)"
    }
    return takesAny && count == 0 ? "ERR the ANY argument requires COUNT argument" : nil
  }
}

// MARK: Searching

extension GeoSearch {
  /// The places that are meant, in the order in which they are told.
  fileprivate func points(in set: SortedSet, _ shape: GeoShape) -> [GeoPoint] {
    let limit = Int(clamping: count)
    var points = found(in: set, shape, limit: takesAny ? limit : 0)
    let returned = count == 0 ? points.count : min(points.count, limit)
    // The nearest, where there are to be some of them.
    if let isAscending = count > 0 && !takesAny ? isAscending ?? true : isAscending {
      func order(_ a: GeoPoint, _ b: GeoPoint) -> Int {
        let order = a.distance > b.distance ? 1 : a.distance == b.distance ? 0 : -1
        return isAscending ? order : -order
      }
      if returned == points.count {
        points = points.enumerated().sorted { (order($0.element, $1.element), $0.offset) < (0, $1.offset) }
          .map(\.element)
      } else if returned > 0 {
        points.sortPartly(0..<returned, by: order)
      }
    }
    return Array(points.prefix(returned))
  }

  /// Looks through the cells (`membersOfAllNeighbors`, `geoGetPointsInRange` in geo.c).
  private func found(in set: SortedSet, _ shape: GeoShape, limit: Int) -> [GeoPoint] {
    var points: [GeoPoint] = []
    let cells = shape.cells
    var isFull: Bool { limit > 0 && points.count >= limit }
    var last = 0
    for (index, cell) in cells.enumerated() {
      // Where the cells are large, neighbours may be the same.
      guard let cell, last == 0 || cell != cells[last] else { continue }
      if isFull { break }
      let ranks = set.ranks(of: cell.scores)
      var left = ranks.count
      if left > 0 {
        set.forEach(from: ranks.lowerBound) { entry in
          let place = GeoHash(score: entry.score).place
          if let distance = shape.distance(of: place) {
            points.append(GeoPoint(member: entry.member, score: entry.score, place: place, distance: distance))
          }
          left -= 1
          return left > 0 && !isFull
        }
      }
      last = index
    }
    return points
  }
}

extension ReplyBuffer {
  /// Members, each with what was asked for beside it.
  fileprivate mutating func points(_ points: [GeoPoint], _ search: GeoSearch) {
    let extras = [search.withDistance, search.withHash, search.withPlace].filter { $0 }.count
    array(points.count)
    for point in points {
      if extras > 0 { array(1 + extras) }
      bulk(point.member)
      if search.withDistance { distance(point.distance / search.unit) }
      if search.withHash { integer(Int64(point.score)) }
      if search.withPlace { place(point.place) }
    }
  }
}
