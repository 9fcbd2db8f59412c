/// Numbers at which arithmetic ends: of every width that is computed with somewhere, and one before and behind it.
package enum HostileNumbers {
  package static let all: [String] = [
    "0", "1", "-1", "2", "-2", "10", "14", "15", "16", "100", "6379", "7000", "7001", "16384", "65535", "65536",
    "1048576",
    "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296", "9007199254740993",
    "1099511627776", "4611686018427387903", "4611686018427387904", "-4611686018427387904", "-4611686018427387905",
    "9223372036854775", "9223372036854776", "9223372036854774807", "9223372036854775806", "9223372036854775807",
    "9223372036854775808", "-9223372036854775807", "-9223372036854775808", "-9223372036854775809",
    "18446744073709551615", "18446744073709551616", "99999999999999999999999", "-99999999999999999999999",
    "1686319013000",
    "00", "-0", "+1", "1.5", "-1.5", "1e18", "1e308", "-1e308", "inf", "-inf", "nan", "0x7fffffffffffffff", "", "abc",
    "9e18",
    "9223372036854775807.999999", "0.0000001", "٣", "1 ", "1k", "1mb", "9223372036854775807gb", "100%", "-100%",
    "9223372036854775807%",
  ]

  package static let units = ["", "us", "ms", "s", "m", "h", "k"]

  package static func number(_ choices: inout Choices) -> String { choices.pick(all) }

  package static func duration(_ choices: inout Choices) -> String {
    choices.pick(all + ["3", "40", "300"]) + choices.pick(units)
  }

  package static func range(_ choices: inout Choices) -> String {
    switch choices.below(4) {
    case 0: choices.pick(all)
    case 1: choices.pick(all) + "-"
    case 2: "-" + choices.pick(all)
    default: choices.pick(all) + "-" + choices.pick(all)
    }
  }

  package static let dates = [
    "1970-01-01", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2262-04-11T23:47:16.854775Z",
    "2038-01-19T03:14:08Z",
    "2106-02-07T06:28:16Z", "2023-06-09T13:26:20Z", "0000-00-00", "1969-12-31T23:59:59Z", "99999-01-01", "2023-02-30",
    "-1970-01-01", "2023-06-09T24:00:00Z",
  ]
}
