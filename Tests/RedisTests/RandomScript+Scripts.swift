import RDB
import Redis

// Scripts: what they call, what they return, what they do wrong.
extension RandomScript {
  /// As a string of Lua's.
  func quoted(_ text: String) -> String {
    "\""
      + text.utf8.map { byte in
        let number = String(byte)
        return (32..<127).contains(byte) && byte != 0x22 && byte != 0x5c
          ? String(UnicodeScalar(byte)) : "\\" + String(repeating: "0", count: 3 - number.utf8.count) + number
      }.joined() + "\""
  }

  private mutating func luaNumber() -> String {
    pick([
      "0", "1", "-1", "3", "1.5", "-2.7", "1e15", "123456789", "1e100", "-1e100", "1/0", "-1/0", "0/0", "2^53", "2^63",
      "9007199254740993", "0x10", "1e-7", "0.1", "100000000000000", "3.14159265358979",
    ])
  }

  private mutating func luaString() -> String {
    chance(12)
      ? quoted(String(repeating: pick(["a", "xyz", "\u{e9}"]), count: Int(random.next() % 300)))
      : quoted(
        pick(["", "a", "b c", "\r\n", "x\0y", "OK", "ERR", "ERR what", "12", "1.5", "\u{e9}", "-", "{}", "\"q\"", "\\"])
      )
  }

  /// Any value; a table has one key, or is a list, since the order of several is a matter of how they came.
  mutating func luaValue(_ depth: Int = 0) -> String {
    switch random.next() % (depth > 3 ? 5 : 16) {
    case 0: luaNumber()
    case 1, 2: luaString()
    case 3: pick(["true", "false", "nil"])
    case 4: "\(Int64(random.next() % 2000) - 1000)"
    case 5...7: "{" + (0..<random.next() % 4).map { _ in luaValue(depth + 1) }.joined(separator: ",") + "}"
    case 8: "{ok=\(chance(4) ? luaValue(depth + 1) : luaString())}"
    case 9: "{err=\(chance(4) ? luaValue(depth + 1) : luaString())}"
    case 10: "{double=\(chance(4) ? luaValue(depth + 1) : luaNumber())}"
    case 11:
      "{map={\(chance(5) ? "" : "[\(chance(2) ? luaString() : luaNumber() + "+1 or 0")]=\(luaValue(depth + 1))")}}"
    case 12: "{set={[\(luaString())]=\(pick(["true", "1", "false"]))}}"
    case 13: "{big_number=\(chance(4) ? luaNumber() : quoted(pick(["1", "-12345678901234567890123"])))}"
    case 14:
      "{verbatim_string={format=\(pick(["\"txt\"", "\"mkd\"", "\"\"", "\"toolong\"", "1"])),string=\(luaString())}}"
    default: "{\(pick(["a", "b", "[10]", "[0]", "[-1]"]))=\(luaValue(depth + 1))}"
    }
  }

  /// A call that is answered in one way only.
  private mutating func calledWords() -> [String] {
    let kept = queued
    defer { queued = kept }
    let words: [String]
    switch random.next() % 12 {
    case 0...2: words = listCall()
    case 3...5: words = sortedSetCall()
    case 6: words = blockingListCall()
    case 7:
      words = pick([
        ["EVAL", "return 1", "0"], ["MULTI"], ["SUBSCRIBE", "x"], ["CONFIG", "GET", "port"], ["WAIT", "1", "0"],
      ])
    case 8:
      words = pick([
        ["SELECT", "\(random.next() % 3)"], ["PUBLISH", "there", value()], ["PING"], ["ECHO", value()], ["nope"],
        ["get"],
      ])
    default: words = self.words()
    }
    let isSettled = Self.order(of: words.map { Array($0.utf8) }) == .same && words.count < 60
    let left = [
      "SORT", "RANDOMKEY", "SCAN", "KEYS", "OBJECT", "TIME", "DEBUG", "INFO", "LOLWUT", "HELLO", "FLUSHALL", "RESET",
      "CLIENT", "WATCH", "BITFIELD",
    ]
    return isSettled && !left.contains(words[0].uppercased()) ? words : ["INCR", typeKey()]
  }

  private mutating func luaCall() -> String {
    let arguments = calledWords().map { word in
      Int(word) != nil && word.utf8.count < 15 && chance(3) ? word.replacing("+", with: "") : quoted(word)
    }
    return "redis.\(pick(["call", "call", "pcall"]))(\(arguments.joined(separator: ",")))"
  }

  private mutating func statements() -> String {
    (0..<random.next() % 4).map { _ in luaCall() }.joined(separator: " ")
  }

  private mutating func callingBody() -> String {
    let first = chance(5) ? "redis.setresp(\(pick(["3", "3", "2", "4"]))) " : ""
    let second = chance(15) ? "redis.set_repl(redis.REPL_\(pick(["NONE", "AOF", "REPLICA", "ALL", "SLAVE"]))) " : ""
    return first + second + statements() + " return "
      + pick([luaCall(), luaCall(), "{\(luaCall()), \(luaCall())}", "#\(luaCall())", luaValue()])
  }

  private mutating func wrongBody() -> String {
    pick([
      "error(\(luaString()))", "error(\(luaNumber()))", "error(\(luaString()), \(random.next() % 4))",
      "error({err=\(luaString())})", "return nope", "nope = 1", "redis.call()", "redis.call({})", "redis.pcall(nil)",
      "return {pcall(redis.call, 'nope')}", "return {pcall(error, \(luaValue()))}",
      "local function f() return 1 + f() end f()",
      "return redis.error_reply(\(luaValue()))", "return redis.status_reply(\(luaValue()))",
      "return redis.sha1hex(\(luaValue()))",
      "return redis.sha1hex()", "redis.setresp(\(luaValue()))", "redis.set_repl(\(luaValue()))",
      "redis.log(\(luaValue()))",
      "redis.log(redis.LOG_WARNING, \(luaString()), 1)", "redis.log(9, 'x')",
      "return redis.acl_check_cmd(\(luaString()))",
      "return redis.acl_check_cmd('get', 'x')", "return redis.replicate_commands()", "return redis.REDIS_VERSION",
      "return redis.REDIS_VERSION_NUM", "return {redis.LOG_DEBUG, redis.LOG_VERBOSE, redis.REPL_ALL, redis.REPL_SLAVE}",
      "redis.x = 1", "string.x = 1", "rawset(redis, 'x', 1)", "setmetatable(redis, {})", "return getmetatable(redis)",
      "return type(getmetatable(_G))", "getmetatable('').__index = 1", "table.insert(string, 1)",
      "return rawget(redis, 'x')",
      "return type(rawget(redis, 'call'))", "return next({})", "return {next(redis) ~= nil, next(string) ~= nil}",
      "local n = 0 for k in pairs(redis) do n = n + 1 end return n",
      "local n = 0 for k in pairs(string) do n = n + 1 end return n",
      "local n = 0 for k in pairs(_G) do n = n + 1 end return n", "return {loadstring(\(luaString()))}",
      "return loadstring('return 7')()",
      "return {loadstring('x =')}", "return loadstring(string.dump(function() end))",
      "return load(function() return nil end)",
      "local n = 0 return load(function() n = n + 1 return n == 1 and 'return 4' or nil end)()", "return dofile",
      "return print",
      "return {xpcall(function() error('x') end, function(e) return e end)}",
      "return coroutine.wrap(function() return 5 end)()",
      "return coroutine.wrap(function() return redis.call('GET', 'k1') end)()", "if", "return return", "x",
      "return 1 + {}", "return {} .. 'x'",
      "return #nil", "return tonumber('12') + '3'", "return ('x'):rep(3)", "return -'2'", "local t = {} t[nil] = 1",
      "return tostring(nil)",
      "return redis.call", "return function() end", "return string.format('%d', 'x')", "return unpack({1,2,3})",
      "return select('#', 1, 2)",
      "return KEYS[1]", "return {KEYS, ARGV}", "return #KEYS + #ARGV", "KEYS[1] = 'x' return KEYS", "ARGV = nil",
      "return gcinfo() > 0",
      "return redis.breakpoint()", "return redis.debug('x')", "return cjson == nil", "return _VERSION",
      "return table.concat({1,2,'x'}, ',')",
      "return table.concat({1,{}})", "local t = {3,1,2} table.sort(t) return t",
      "local t = {1,2} table.insert(t, 1, 9) return t",
      "local t = {1} table.insert(t, 1, 2, 3)", "local t = {1,2,3} return {table.remove(t, 1), t}",
      "return table.maxn({1,2,[9]=1})",
      "table.foreach({a=1}, function(k, v) error(k) end)", "return table.getn({1,2})", "return pcall(1)",
      "return tostring(1e15)",
      "return tostring(12345678901234567890)", "redis.call('SET', 'k1', 'x') error('after')", "return math.huge",
      "return assert(false, \(luaString()))",
      "return assert(nil)", "redis.call('SET', 'k2', '1') return redis.call('INCR', 'k2', 'x')",
      "return redis.call('INCR', 'there')",
    ])
  }

  private mutating func mathBody() -> String {
    pick([
      "return math.random() * 1000000", "return {math.random(10), math.random(5, 9)}",
      "return math.random(\(luaNumber()))",
      "math.randomseed(\(luaNumber())) return math.random(1000)", "return math.random(0)", "return math.random(3, 1)",
      "return math.random(1, 2, 3)",
      "return math.floor(\(luaNumber()))", "return tostring(\(luaNumber()))", "return math.fmod(7, \(luaNumber()))",
    ])
  }

  private mutating func shebang() -> String {
    guard chance(3) else { return "" }
    let flag = ["no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys", "x", ""]
    return pick([
      "#!lua\n", "#!lua flags=\(pick(flag))\n", "#!lua flags=\(pick(flag)),\(pick(flag))\n", "#!lua name=x\n", "#!js\n",
      "#!lua", "#!", "#! lua\n",
      "#!lua \"\n", "#!lua flags=no-writes flags=allow-oom\n", "#!LUA\n", "\n#!lua\n", "#!lua FLAGS=no-writes\n",
    ])
  }

  mutating func luaBody() -> String {
    switch random.next() % 12 {
    case 0...3: callingBody()
    case 4, 5: "return \(luaValue())"
    case 6...8: wrongBody()
    case 9: mathBody()
    default: libraryBody()
    }
  }

  private mutating func evalArguments() -> [String] {
    let keys = (0..<random.next() % 3).map { _ in typeKey() }
    let count = chance(25) ? pick(["-1", "x", "", "100", "1.5", "9223372036854775807"]) : "\(keys.count)"
    return [count] + keys + (0..<random.next() % 3).map { _ in value() }
  }

  mutating func scriptingCall() -> [String] {
    switch random.next() % 56 {
    case 40...45:
      return ["FCALL" + (chance(5) ? "_RO" : ""), pick(["f1", "f2", "f3", "f4", "none"])] + evalArguments()
    case 46...49: return ["FUNCTION", "LOAD"] + someOf([["REPLACE"]], oneIn: 2) + [library()]
    case 50: return ["FUNCTION", "DELETE", pick(["lib1", "lib2", "x"])]
    case 51:
      return pick([
        ["FUNCTION", "FLUSH"], ["FUNCTION", "FLUSH", "ASYNC"], ["FUNCTION", "FLUSH", "x"],
        ["FUNCTION", "FLUSH", "SYNC", "x"],
      ])
    case 52:
      return pick([
        ["FUNCTION", "STATS"], ["FUNCTION", "HELP"], ["FUNCTION"], ["FUNCTION", "x"], ["DEBUG", "RELOAD"],
      ])
    case 53:
      return ["FUNCTION", "LIST"]
        + someOf([["WITHCODE"], ["LIBRARYNAME", pick(["lib1", "LIB*", "*"])], ["x"], ["libraryname"]])
    case 54, 55: return restoredLibrary()
    case 0: return ["SCRIPT", "FLUSH"] + someOf([["SYNC"], ["ASYNC"], ["x"]], oneIn: 3)
    case 1: return ["SCRIPT", "LOAD", shebang() + luaBody()]
    case 2: return ["SCRIPT", "EXISTS"] + (0...random.next() % 3).map { _ in digest() }
    case 3, 4: return ["EVALSHA" + (chance(4) ? "_RO" : ""), digest()] + evalArguments()
    case 5:
      return pick([
        ["SCRIPT", "KILL"], ["FUNCTION", "KILL"], ["SCRIPT", "DEBUG", "no"], ["SCRIPT", "DEBUG", "x"], ["SCRIPT"],
        ["SCRIPT", "x"], ["SCRIPT", "HELP"],
      ])
    case 6: return ["INFO", "errorstats"]
    case 7, 8: return otherTypeCall().filter { $0 != "HSET" && $0 != "SADD" }.first == "DEL" ? ["PING"] : listCall()
    default:
      let body = shebang() + luaBody()
      lastBodies = lastBodies.suffix(5) + [body]
      return [pick(["EVAL", "EVAL", "EVAL", "EVAL_RO"]), body] + evalArguments()
    }
  }

  /// Of one function alone, or of two, of which both servers tell in an order of their own.
  private mutating func library() -> String {
    let name = pick(["lib1", "lib2", "LIB1"])
    let shebang =
      chance(12)
      ? pick([
        "", "#!lua\n", "#!lua name=\(name)", "#!js name=\(name)\n", "#!lua name=a-b\n", "#!lua name=\(name) name=x\n",
        "#!lua nam=x\n", "#!LUA NAME=\(name)\n", "#!lua \"\n",
      ])
      : "#!lua name=\(name)\n"
    let function = pick(["f1", "f2", "f3"])
    let body = "function(keys, args) \(chance(3) ? "return {keys, args, #keys}" : functionBody()) end"
    let flags = (0..<random.next() % 3).map { _ in
      "'" + pick(["no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys", "NO-WRITES"]) + "'"
    }
    let registration = pick([
      "redis.register_function('\(function)', \(body))", "redis.register_function('\(function)', \(body))",
      "redis.register_function{function_name='\(function)', callback=\(body), flags={\(flags.joined(separator: ","))}}",
      "redis.register_function{function_name='\(function)', callback=\(body), description=\(luaString())}",
    ])
    guard chance(6) else { return shebang + registration }
    return shebang
      + pick([
        "", "x = 1", "return redis.call('PING')", "redis.register_function()", "redis.register_function(1)",
        "redis.register_function('a', 1)",
        "redis.register_function('a b', \(body))", "redis.register_function{callback=\(body)}",
        "redis.register_function{function_name='a'}",
        "redis.register_function{function_name='a', callback=1}",
        "redis.register_function{function_name={}, callback=\(body)}",
        "redis.register_function{function_name='a', callback=\(body), flags={'x'}}",
        "redis.register_function{function_name='a', callback=\(body), flags=1}",
        "redis.register_function{function_name='a', callback=\(body), what=1}",
        "redis.register_function{function_name='a', callback=\(body), [1]=1}",
        "redis.register_function{function_name='a', callback=\(body), description={}}",
        "redis.register_function('a', \(body)) redis.register_function('a', \(body))",
        "error('x')", "error({err='y'})", "redis.log(redis.LOG_WARNING, 'x') \(registration)",
        "local x = string.rep('x', 2)", "syntax error",
        "redis.call = 1",
        "local r = redis.register_function \(registration) r('f4', function() r('x', function() end) end)",
        "local y = 5 redis.register_function('f4', function() return y end)", "return redis.nope",
        "return redis.REDIS_VERSION .. nope",
        "redis.register_function('f4', function(k, a) return tostring(KEYS) end)",
        "redis.register_function('f4', function() return redis.REDIS_VERSION end)",
      ])
  }

  private mutating func functionBody() -> String {
    chance(3)
      ? pick([
        "return redis.replicate_commands()", "return redis.setresp(3)", "return redis.breakpoint", "nope = 1",
        "return nope", "error('f')", "_G.x = 1", "return type(_G)",
      ]) : luaBody()
  }

  private mutating func restoredLibrary() -> [String] {
    queued += [["FUNCTION", "LIST"]]
    return ["FUNCTION", "RESTORE", pick(["", "x", String(repeating: "a", count: 20)])]
      + someOf([["FLUSH"], ["APPEND"], ["x"]])
  }

  /// Of a script that was run a little before, mostly.
  private mutating func digest() -> String {
    guard !lastBodies.isEmpty, !chance(10) else { return pick(["x", "", String(repeating: "0", count: 40)]) }
    let digest = String(decoding: SHA1.hex(Array(pick(lastBodies).utf8)), as: UTF8.self)
    return chance(5) ? digest.uppercased() : digest
  }

  /// What the libraries do that are Redis's own.
  mutating func libraryBody() -> String {
    switch random.next() % 5 {
    case 0: jsonBody()
    case 1: packBody()
    case 2: structBody()
    case 3: bitBody()
    default: patternBody()
    }
  }

  /// What JSON has of it, and now and then what it has not.
  private mutating func plainValue(_ depth: Int = 0) -> String {
    switch random.next() % (depth > 3 ? 4 : 8) {
    case 0: luaNumber()
    case 1, 2: luaString()
    case 3:
      chance(10) ? pick(["nil", "cjson.null", "redis.call", "redis", "_G"]) : pick(["true", "false", "cjson.null"])
    case 4, 5: "{" + (0..<random.next() % 5).map { _ in plainValue(depth + 1) }.joined(separator: ",") + "}"
    default:
      "{["
        + (chance(3) ? pick(["1", "2", "20", "true", "-1", "1.5", "0"]) : luaString()) + "]=" + plainValue(depth + 1)
        + "}"
    }
  }

  private mutating func json() -> String {
    let text: String
    switch random.next() % 8 {
    case 0:
      text = pick([
        "", "[", "]", "{", "}", "\"", "nul", "tru", "-", "+1", "01", "0x1F", "nan", "-inf", "Infinity", "1e", "1e999",
        "1.", ".5", "--1",
      ])
    case 1:
      text = pick([
        "\"\\u00e9\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\udc00\"", "\"\\u12\"", "\"\\x\"", "\"\\",
        "\"a\\n\\/\"", "\"\\u0000\"",
      ])
    case 2:
      text = pick([
        "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "{1:2}", "[1,]", "[1 2]", "[,1]", "[1]]", "{\"a\":1}x", " [ 1 , 2 ] ",
        "[1\0", "\0\0", "[\"a\0b\"]",
      ])
    case 3:
      text = String(repeating: "[", count: 999 + Int(random.next() % 4)) + "1" + String(repeating: "]", count: 1001)
    default:
      text = pick([
        "[1,2.5,-3e2,\"x\",true,false,null]", "{\"a\":{\"b\":[1]}}", "[]", "{}", "[[],[[]],{}]", "\"x\"",
        "12345678901234567890", "[null,1]",
      ])
    }
    return quoted(text)
  }

  private mutating func jsonBody() -> String {
    let setting =
      chance(6)
      ? pick([
        "cjson.encode_sparse_array(true)", "cjson.encode_sparse_array(true, 1, 3)",
        "cjson.encode_max_depth(\(random.next() % 5))",
        "cjson.decode_max_depth(2)", "cjson.encode_number_precision(\(random.next() % 17))",
        "cjson.encode_invalid_numbers('null')",
        "cjson.encode_invalid_numbers(true)", "cjson.decode_invalid_numbers(false)", "cjson.encode_keep_buffer(false)",
        "cjson.encode_max_depth('x')",
      ]) : ""
    // Redis keeps what is set.
    let reset =
      "cjson.encode_sparse_array(false, 2, 10) cjson.encode_max_depth(1000) cjson.decode_max_depth(1000) cjson.encode_number_precision(14) "
      + "cjson.encode_invalid_numbers(false) cjson.decode_invalid_numbers(true) "
    let work = pick([
      "cjson.encode(\(plainValue()))", "cjson.encode(\(plainValue()))", "cjson.decode(\(json()))",
      "cjson.decode(\(json()))",
      "cjson.encode(cjson.decode(\(json())))", "cjson.decode(cjson.encode(\(plainValue())))", "cjson.encode()",
      "cjson.decode(1, 2)", "cjson.decode(\(luaValue()))",
    ])
    return reset + setting + " return " + work
  }

  private mutating func packBody() -> String {
    let bytes = (0..<random.next() % 12).map { _ in "\\" + String(String(1000 + random.next() % 256).dropFirst()) }
      .joined()
    let packed = chance(2) ? "cmsgpack.pack(\(plainValue()), \(plainValue()))" : "\"\(bytes)\""
    return pick([
      "return cmsgpack.pack(\(plainValue()))", "return cmsgpack.pack(\(luaValue()), \(plainValue()))",
      "return {cmsgpack.unpack(\(packed))}",
      "return {cmsgpack.unpack_one(\(packed), \(random.next() % 8))}",
      "return {cmsgpack.unpack_limit(\(packed), \(random.next() % 3), \(random.next() % 5))}",
      "return {cmsgpack.unpack_one(\(packed), -1)}", "return cmsgpack.pack()", "return cmsgpack.unpack()",
      "return cmsgpack.pack(string.rep('x', \(pick(["31", "32", "255", "256", "65535", "65536"]))))",
      "local t = {} for i = 1, \(pick(["15", "16", "65535", "65536"])) do t[i] = i end return #cmsgpack.pack(t)",
      "local t = {} for i = 1, 20 do t = {t} end return cmsgpack.pack(t)",
      "return {cmsgpack._NAME, cmsgpack._VERSION, cmsgpack._COPYRIGHT, cmsgpack._DESCRIPTION}",
      "return {cmsgpack.unpack_limit(\(packed), -1)}",
      "return #cmsgpack.unpack(string.rep('\\145', 10000)..'\\1')",
    ])
  }

  private mutating func structFormat() -> String {
    (0..<1 + random.next() % 5).map { _ in
      pick([
        "b", "B", "h", "H", "l", "L", "T", "i", "I", "i3", "I2", "i8", "I16", "f", "d", "x", "c0", "c3", "s", ">", "<",
        "!", "!4", "!3", " ", "q", "i33", "i0", "c99999999999",
      ])
    }.joined()
  }

  private mutating func structBody() -> String {
    let numbers = ["1", "-1", "255", "65536", "2^31", "-2^40", "1.5", "'12'", "'x'", "3"]
    let values = (0..<random.next() % 6).map { _ in
      chance(2) ? pick(numbers) : quoted(pick(["abc", "", "a", "hello world"]))
    }
    let list = values.isEmpty ? "" : ", " + values.joined(separator: ", ")
    let format = quoted(structFormat())
    return pick([
      "return struct.pack(\(format)\(list))", "return struct.size(\(format))",
      "return {struct.unpack(\(format), struct.pack(\(format)\(list)))}",
      "return {struct.unpack(\(format), string.rep('\\200\\1a\\0', 9))}",
      "return {struct.unpack(\(format), 'abcdef', \(pick(["1", "2", "0", "9", "-1"])))}",
      "return {struct.unpack('Bc0', '\\3abcd')}", "return {struct.unpack('Bc0s', '\\2abcd\\0')}",
    ])
  }

  private mutating func bitBody() -> String {
    let numbers = [
      "0", "1", "-1", "255", "2^31", "2^32", "-2^31", "2^40+5", "1.5", "-1.5", "'12'", "'x'", "nil", "1e300", "0/0",
    ]
    let one = pick(numbers)
    return pick([
      "return bit.\(pick(["tobit", "bnot", "bswap", "tohex"]))(\(one))",
      "return bit.\(pick(["band", "bor", "bxor"]))(\(one), \(pick(numbers)), \(pick(numbers)))",
      "return bit.\(pick(["lshift", "rshift", "arshift", "rol", "ror"]))(\(one), \(pick(["0", "1", "31", "32", "33", "-1", "4"])))",
      "return bit.tohex(\(one), \(pick(["1", "4", "8", "9", "-4", "-9", "0", "-2^31"])))", "return bit.band()",
      "return bit.bor(7)",
    ])
  }

  private mutating func patternBody() -> String {
    let subject = quoted(
      pick([
        "hello world", "a,b,,c", "key=value, k2 = v2", "", "((a)(b))", "THE (quick) fox", "x\0y", "aaa", "  trim  ",
        "%d+", "0x1F 12 -7",
      ]))
    let pattern = quoted(
      pick([
        "%a+", "(%w+)%s*=%s*(%w+)", "[^,]*", "^%s*(.-)%s*$", "%b()", ".-b", "a*", "a-", "()l()", "%f[%w]%w+",
        "[%a_][%w_]*", "x%zy", "[]]", "[^]]", "[a-c]+", "%1", "(a)%1", "(", ")", "%", "[", "[a", "%b", "%f", "l+",
        "(l)(o)", ".", "$", "^", "a?", "%d%d?", "[%]", "(()a)", "%x+$", "[+-]?%d+",
      ]))
    let replacement = pick([
      quoted(pick(["", "x", "<%0>", "%1", "%2", "%", "%%", "%a"])), "string.upper", "{hello='bye', a=1}",
      "function(x) return false end", "{}", "1", "nil", "function() return {} end",
    ])
    return pick([
      "return {string.find(\(subject), \(pattern))}",
      "return {string.find(\(subject), \(pattern), \(pick(["1", "3", "-2", "99", "0"])), \(pick(["true", "false", "nil"])))}",
      "return {string.match(\(subject), \(pattern))}",
      "return {string.match(\(subject), \(pattern), \(pick(["2", "-3", "100"])))}",
      "return {string.gsub(\(subject), \(pattern), \(replacement))}",
      "return {string.gsub(\(subject), \(pattern), \(replacement), \(pick(["0", "1", "2", "-1"])))}",
      "local t = {} for a, b in string.gmatch(\(subject), \(pattern)) do t[#t + 1] = a t[#t + 1] = b or 'none' end return t",
      "return string.format(\(quoted(pick(["%d", "%5.2f", "%s", "%q", "%x", "%c", "%g", "%%", "%i", "%-5d|", "%e", "%5s", "%.3s", "%o", "%u", "%X", "%"]))), \(luaValue()))",
      "return {('x'):rep(5), ('abc'):sub(-2), ('abc'):byte(1, -1), string.char(65, 66), ('aB'):upper(), ('aB'):lower(), ('abc'):reverse(), ('abc'):len()}",
    ])
  }
}
