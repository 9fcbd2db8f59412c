/// A hash: fields with their values (t_hash.c).
package struct HashValue: Equatable, Sendable {
  package enum Storage: Equatable, Sendable {
    /// Field and value in turn.
    case listpack(Listpack)
    case hashtable(Dict<Bytes>)
  }
  package private(set) var storage = Storage.listpack(Listpack())

  package init() {}
  package init(_ storage: Storage) { self.storage = storage }

  package var count: Int {
    switch storage {
    case .listpack(let listpack): listpack.count / 2
    case .hashtable(let table): table.count
    }
  }
  package var isEmpty: Bool { count == 0 }

  // MARK: Reading

  /// The value of a field (`hashTypeGetValue`).
  package subscript(field: Bytes) -> Bytes? {
    switch storage {
    case .listpack(let listpack):
      guard let position = listpack.find(field, from: listpack.first, skipping: 1) else { return nil }
      return listpack.after(position).map(listpack.string)
    case .hashtable(let table): return table[field]
    }
  }

  /// Visits all fields (`hashTypeNext`).
  package func forEach(_ body: (_ field: Bytes, _ value: Bytes) -> Void) {
    switch storage {
    case .listpack(let listpack):
      var position = listpack.first
      while let field = position, let value = listpack.after(field) {
        body(listpack.string(at: field), listpack.string(at: value))
        position = listpack.after(value)
      }
    case .hashtable(let table): table.forEach { body($0.key, $0.payload) }
    }
  }

  /// A field drawn by chance, each as likely as any other (`hashTypeRandomElement`).
  package func randomField(using random: inout SeededRandom) -> (field: Bytes, value: Bytes)? {
    switch storage {
    case .listpack(let listpack):
      guard !isEmpty, let field = listpack.position(at: 2 * Int(random.next() % UInt64(count))),
        let value = listpack.after(field)
      else { return nil }
      return (listpack.string(at: field), listpack.string(at: value))
    case .hashtable(let table): return table.random(using: &random).map { ($0.key, $0.payload) }
    }
  }

  // MARK: Changing

  /// Becomes a hash table if one of the strings is too long for a listpack (`hashTypeTryConversion`).
  package mutating func convertIfNeeded(for strings: some Sequence<Bytes>, _ limits: PackingLimits) {
    guard case .listpack(let listpack) = storage else { return }
    var sum = 0
    for string in strings {
      if string.count > limits.hashMaxListpackValue { return convert() }
      sum += string.count
    }
    if !listpack.isSafe(toAdd: sum) { convert() }
  }

  /// Sets a field; true if it is new (`hashTypeSet`).
  @discardableResult
  package mutating func set(_ field: Bytes, to value: Bytes, _ limits: PackingLimits) -> Bool {
    if case .listpack = storage, max(field.count, value.count) > limits.hashMaxListpackValue { convert() }
    switch take() {
    case .listpack(var listpack):
      let position = listpack.find(field, from: listpack.first, skipping: 1)
      if let position, let value_ = listpack.after(position) {
        listpack.replace(at: value_, with: value)
      } else {
        listpack.append(field)
        listpack.append(value)
      }
      storage = .listpack(listpack)
      if listpack.count / 2 > limits.hashMaxListpackEntries { convert() }
      return position == nil
    case .hashtable(var table):
      let isNew = table.set(field, to: value) == nil
      storage = .hashtable(table)
      return isNew
    }
  }

  /// Adds a field that a snapshot brings; whether it is there already is not looked at in a listpack (`rdbLoadObject` in
  /// rdb.c).
  package mutating func load(_ field: Bytes, _ value: Bytes, _ limits: PackingLimits) {
    if case .listpack = storage { convertIfNeeded(for: [field, value], limits) }
    guard case .listpack(var listpack) = storage else {
      set(field, to: value, limits)
      return
    }
    storage = .listpack(HashValue.none)
    listpack.append(field)
    listpack.append(value)
    storage = .listpack(listpack)
  }

  /// False if the field is not there (`hashTypeDelete`).
  package mutating func remove(_ field: Bytes) -> Bool {
    switch take() {
    case .listpack(var listpack):
      let position = listpack.find(field, from: listpack.first, skipping: 1)
      if let position { listpack.remove(at: position, count: 2) }
      storage = .listpack(listpack)
      return position != nil
    case .hashtable(var table):
      let isRemoved = table.remove(field) != nil
      storage = .hashtable(table)
      return isRemoved
    }
  }

  /// What is stored, so that it has no second owner while it changes.
  private mutating func take() -> Storage {
    defer { storage = .listpack(HashValue.none) }
    return storage
  }
  private static let none = Listpack()

  /// Becomes a hash table (`hashTypeConvert`), which is going to have so many fields.
  package mutating func convert(expecting count: Int = 0) {
    guard case .listpack(let listpack) = storage else { return }
    var table = Dict<Bytes>()
    table.reserve(max(count, listpack.count / 2))
    forEach { table.set($0, to: $1) }
    storage = .hashtable(table)
  }
}
