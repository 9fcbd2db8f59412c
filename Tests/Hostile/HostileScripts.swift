/// Scripts made of all that Redis gives to scripts, with arguments that nobody means well.
package enum HostileScripts {
  private static let functions = [
    "redis.call", "redis.pcall", "redis.error_reply", "redis.status_reply", "redis.sha1hex", "redis.log",
    "redis.setresp",
    "redis.set_repl", "redis.acl_check_cmd", "redis.breakpoint", "redis.debug", "redis.replicate_commands",
    "cjson.encode", "cjson.decode", "cjson.encode_sparse_array", "cjson.encode_max_depth", "cjson.decode_max_depth",
    "cjson.encode_number_precision", "cjson.encode_keep_buffer", "cjson.encode_invalid_numbers",
    "cjson.decode_invalid_numbers", "cjson.new", "cmsgpack.pack", "cmsgpack.unpack", "cmsgpack.unpack_one",
    "cmsgpack.unpack_limit", "struct.pack", "struct.unpack", "struct.size", "bit.tobit", "bit.bnot", "bit.band",
    "bit.bor",
    "bit.bxor", "bit.lshift", "bit.rshift", "bit.arshift", "bit.rol", "bit.ror", "bit.bswap", "bit.tohex",
    "string.find",
    "string.match", "string.gmatch", "string.gsub", "string.rep", "string.format", "string.sub", "string.byte",
    "string.char", "string.dump", "string.reverse", "string.upper", "table.insert", "table.remove", "table.concat",
    "table.sort", "table.maxn", "table.foreach", "table.foreachi", "table.getn", "table.setn", "math.random",
    "math.randomseed", "math.floor", "math.fmod", "math.frexp", "math.ldexp", "math.max", "tostring", "tonumber",
    "rawget", "rawset", "rawequal", "getmetatable", "setmetatable", "next", "pairs", "ipairs", "select", "unpack",
    "loadstring", "load", "assert", "error", "pcall", "xpcall", "type", "collectgarbage", "gcinfo", "coroutine.create",
    "coroutine.wrap", "coroutine.resume", "coroutine.yield", "coroutine.status", "coroutine.running",
    "__redis__err__handler",
  ]

  private static let values = [
    "nil", "true", "false", "0/0", "1/0", "-1/0", "2^31", "-2^31", "2^53", "2^63", "-2^63", "1e308", "0", "1", "-1",
    "1.5", "{}", "{1,2,3}", "{a=1}", "{{{{}}}}", "{[1000000]=1}", "{nil,nil,3}", "redis", "_G", "string", "cjson.null",
    "redis.call", "function(...) return ... end", "function() error({}) end", "function(a, b) return a end",
    "coroutine.create(function() coroutine.yield(1) end)", "''", "'x'", "'%'", "'['", "'%b'", "'(()a)'", "'.-.-.-b'",
    "'(a?)(a?)'", "'%f'", "'*'", "'!99999'", "'i32'", "'c0'", "'s'", "'%99d'", "'%q'", "'\\27Lua'", "'\\0'", "'[[[['",
    "'{\"a\":[1,'", "'\\221\\255\\255\\255\\255'", "'\\219\\255\\255\\255\\255x'", "'\\145\\145\\145'", "'return 1'",
    "'set'", "'get'", "'incr'", "'k1'", "'eval'", "string.rep('a', 100000)", "string.rep('a?', 3000)",
    "string.rep('(', 40)", "string.rep('[', 2000)", "string.rep('\\145', 5000)", "string.rep('x', 2^20)", "a", "b", "c",
    "KEYS", "ARGV", "setmetatable({}, {__index=function(t, k) return k end})",
    "setmetatable({}, {__index=error, __newindex=error, __call=error, __tostring=error})", "{err=1}", "{err='x'}",
    "{ok={}}", "{map={[{}]={}}}", "{double='x'}", "{verbatim_string={format=1}}",
  ]

  /// One of them: a few statements on three variables, one of which refers to itself.
  package static func script(_ choices: inout Choices) -> String {
    var lines = ["local a, b, c = {}, 'b', 3", "a.a = a"]
    for _ in 0..<1 + choices.below(8) { lines.append(statement(&choices)) }
    lines.append("return " + expression(&choices))
    return lines.joined(separator: "\n")
  }

  private static func statement(_ choices: inout Choices) -> String {
    let value = expression(&choices)
    let variable = choices.pick(["a", "b", "c"])
    switch choices.below(9) {
    case 0...2: return "\(variable) = \(value)"
    case 3: return "pcall(function() \(variable) = \(value) end)"
    case 4: return "for i = 1, \(choices.pick(["3", "1000", "1e9"])) do \(variable) = \(value) end"
    case 5: return "while true do \(variable) = pcall(function() return \(value) end) end"
    case 6: return "pcall(function() \(variable)[\(expression(&choices))] = \(value) end)"
    case 7: return "for k, v in pairs(type(\(variable)) == 'table' and \(variable) or {}) do c = \(value) end"
    default: return "local function f(x) return \(value), f(x) end pcall(f, \(variable))"
    }
  }

  private static func expression(_ choices: inout Choices, _ depth: Int = 0) -> String {
    if depth > 2 || choices.once(in: 3) { return choices.pick(values) }
    let arguments = (0..<choices.below(5)).map { _ in expression(&choices, depth + 1) }
    switch choices.below(8) {
    case 0: return "(\(choices.pick(values)) .. \(choices.pick(values)))"
    case 1: return "#\(choices.pick(values))"
    case 2: return "{\(arguments.joined(separator: ", "))}"
    case 3: return "({pcall(\(choices.pick(functions)), \((arguments + ["nil"]).joined(separator: ", ")))})[2]"
    default: return "\(choices.pick(functions))(\(arguments.joined(separator: ", ")))"
    }
  }
}
