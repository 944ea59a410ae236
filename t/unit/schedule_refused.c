/*
 * Malformed schedules, each with the sentence that it gets.
 */
#include "lib/time/schedule.h"
#include "t/unit/tap.h"

/* clang-format off */
#define MINUTE  "minute"
#define HOUR    "hour"
#define DAY     "day of month"
#define MONTH   "month"
#define WEEKDAY "day of week"

/* The sentences. `f` is the name of a field, the other words are quoted. */
#define EMPTY "The schedule is empty. Write five fields, such as " \
	"\"30 2 * * *\", or a name, such as \"@daily\"."
#define TOO_FEW(fields) "The schedule has " fields ". Write five: minute, " \
	"hour, day of month, month, day of week."
#define TOO_MANY(n) "The schedule has " n " fields. Write five, without " \
	"seconds, years or a command: minute, hour, day of month, month, " \
	"day of week."
#define TOO_LONG  "The schedule is longer than 256 characters."
#define CONTROL   "The schedule contains a control character."
#define NOT_ASCII "The schedule contains a character that is not ASCII."
#define ZONE "The schedule begins with a time zone. Write it in a field of " \
	"its own."
#define NEVER "The schedule never matches: none of its months has one of its " \
	"days."
#define REBOOT "\"@reboot\" is not supported. Write five fields, or a name " \
	"such as \"@daily\"."
#define ALONE(name) "\"" name "\" stands alone. Remove the text after it."
#define NOT_NAMED(name) "\"" name "\" is not supported. Use @hourly, " \
	"@daily, @midnight, @weekly, @monthly, @yearly or @annually."
#define NOT_ONE(f, text, noun, use) "The " f " field contains \"" text \
	"\", which is not " noun ". Use " use "."
#define NOT_MINUTE(text) NOT_ONE(MINUTE, text, "a minute", "0 to 59")
#define NOT_HOUR(text)   NOT_ONE(HOUR, text, "an hour", "0 to 23")
#define NOT_DAY(text)    NOT_ONE(DAY, text, "a day of the month", "1 to 31")
#define NOT_MONTH(text) \
	NOT_ONE(MONTH, text, "a month", "1 to 12 or JAN to DEC")
#define NOT_WEEKDAY(text) \
	NOT_ONE(WEEKDAY, text, "a day of the week", "0 to 7 or SUN to SAT")
#define COMMA(f) "The " f " field has an empty item in its list. Remove the " \
	"extra comma."
#define STAR(f, text) "The " f " field contains \"" text "\". A \"*\" " \
	"stands alone or before a step."
#define DASHES(f, text) "The " f " field has more than one \"-\" in \"" \
	text "\". Separate ranges by commas."
#define OPEN(f, end, text, use) "The " f " field has a range without " end \
	" in \"" text "\". Use " use "."
#define REVERSED(f, text, instead) "The " f " field has the reversed range " \
	"\"" text "\". To go across the end, write \"" instead "\"."
#define STEP(f, step, text, max) "The " f " field has the step \"" step \
	"\" in \"" text "\". Use 1 to " max "."
#define NO_STEP(f, text, max) "The " f " field has no step in \"" text \
	"\". Use 1 to " max "."
#define NO_RANGE(f, text, instead) "The " f " field has no range before the " \
	"step in \"" text "\". Write \"" instead "\"."
#define SLASHES(f, text) "The " f " field has more than one \"/\" in \"" \
	text "\". Write one step."
#define SINGLE(f, text, instead) "The " f " field has a step after a single " \
	"value in \"" text "\". Write \"" instead "\"."
#define QUESTION_MARK(f) "The " f " field uses \"?\", which is not " \
	"supported. Write \"*\"."
#define FOREIGN(f, sign) "The " f " field uses \"" sign "\", which is not " \
	"supported. List the values."

struct row {
	struct str text;
	const char *sentence;
};

static const struct row whole[] = {
	{ STR(""), EMPTY },
	{ STR(" "), EMPTY },
	{ STR("\t"), EMPTY },
	{ STR("*"), TOO_FEW("1 field") },
	{ STR("* *"), TOO_FEW("2 fields") },
	{ STR("* * *"), TOO_FEW("3 fields") },
	{ STR("* * * *"), TOO_FEW("4 fields") },
	{ STR("0 0 1 1"), TOO_FEW("4 fields") },
	{ STR("5"), TOO_FEW("1 field") },
	{ STR("* * * * * *"), TOO_MANY("6") },
	{ STR("* * * * * * *"), TOO_MANY("7") },
	{ STR("0 30 2 * * *"), TOO_MANY("6") },
	{ STR("30 2 * * * 2026"), TOO_MANY("6") },
	{ STR("* * * * * echo"), TOO_MANY("6") },
	{ STR("CRON_TZ=Europe/Rome 0 0 * * *"), ZONE },
	{ STR("TZ=UTC * * * * * *"), ZONE },
	{ STR("every day"), TOO_FEW("2 fields") },
	{ STR("daily"), TOO_FEW("1 field") },
	{ STR("@"), NOT_NAMED("@") },
	{ STR("@ daily"), NOT_NAMED("@") },
	{ STR("@reboot"), REBOOT },
	{ STR("@Reboot"), REBOOT },
	{ STR("@REBOOT now"), REBOOT },
	{ STR("@every 5m"), NOT_NAMED("@every") },
	{ STR("@every"), NOT_NAMED("@every") },
	{ STR("@minutely"), NOT_NAMED("@minutely") },
	{ STR("@secondly"), NOT_NAMED("@secondly") },
	{ STR("@weekdays"), NOT_NAMED("@weekdays") },
	{ STR("@dail"), NOT_NAMED("@dail") },
	{ STR("@dailyy"), NOT_NAMED("@dailyy") },
	{ STR("@@daily"), NOT_NAMED("@@daily") },
	{ STR("@daily 5"), ALONE("@daily") },
	{ STR("@hourly * * * * *"), ALONE("@hourly") },
	{ STR("@monthly\t1"), ALONE("@monthly") },
	{ STR("@a-very-long-name-that-nobody-ever-knew"),
		NOT_NAMED("@a-very-long-name-that-n...") },
	{ STR("/5 * * * *"), NO_RANGE(MINUTE, "/5", "*/5") },
	{ STR("0 0 30 2 *"), NEVER },
	{ STR("0 0 31 2 *"), NEVER },
	{ STR("0 0 31 4 *"), NEVER },
	{ STR("0 0 30,31 2 *"), NEVER },
	{ STR("0 0 31 4,6,9,11 *"), NEVER },
	{ STR("0 0 31 APR,JUN *"), NEVER },
	{ STR("0 0 30-31 FEB *"), NEVER },
	{ STR("0 0 31 2,4,6,9,11 */2"), NEVER },
	{ STR("@hourly,@daily"), NOT_NAMED("@hourly,@daily") },
	{ STR("*,*,*,*,*"), TOO_FEW("1 field") },
	{ STR("*****"), TOO_FEW("1 field") },
	{ STR("* * * *,"), TOO_FEW("4 fields") },
	{ STR("0\n0 * * * *"), CONTROL },
	{ STR("0 0 * * *\n"), CONTROL },
	{ STR("0 0\r* * *"), CONTROL },
	{ STR("0 0 * * \001"), CONTROL },
	{ STR("\177 * * * *"), CONTROL },
	{ STR("\033[0m * * * *"), CONTROL },
	{ STR("\000"), CONTROL },
	{ STR("0 0 * * *\000"), CONTROL },
	{ STR("\303\251 * * * *"), NOT_ASCII },
	{ STR("\331\243 * * * *"), NOT_ASCII },
	{ STR("0 0 * * \342\205\244"), NOT_ASCII },
	{ STR("\377 * * * *"), NOT_ASCII },
	{ STR("\357\274\221 * * * *"), NOT_ASCII },
};

static const struct row minutes[] = {
	{ STR("every 5 minutes at noon"), NOT_MINUTE("every") },
	{ STR("60 * * * *"), NOT_MINUTE("60") },
	{ STR("61 * * * *"), NOT_MINUTE("61") },
	{ STR("99 * * * *"), NOT_MINUTE("99") },
	{ STR("100 * * * *"), NOT_MINUTE("100") },
	{ STR("4294967296 * * * *"), NOT_MINUTE("4294967296") },
	{ STR("18446744073709551616 * * * *"),
		NOT_MINUTE("18446744073709551616") },
	{ STR("99999999999999999999999999999999 * * * *"),
		NOT_MINUTE("999999999999999999999999...") },
	{ STR("-1 * * * *"), OPEN(MINUTE, "a beginning", "-1", "0 to 59") },
	{ STR("+1 * * * *"), NOT_MINUTE("+1") },
	{ STR("1.5 * * * *"), NOT_MINUTE("1.5") },
	{ STR("1e1 * * * *"), NOT_MINUTE("1e1") },
	{ STR("0x10 * * * *"), NOT_MINUTE("0x10") },
	{ STR("five * * * *"), NOT_MINUTE("five") },
	{ STR("MON * * * *"), NOT_MINUTE("MON") },
	{ STR("JAN * * * *"), NOT_MINUTE("JAN") },
	{ STR(", * * * *"), COMMA(MINUTE) },
	{ STR("0, * * * *"), COMMA(MINUTE) },
	{ STR(",0 * * * *"), COMMA(MINUTE) },
	{ STR("0,,30 * * * *"), COMMA(MINUTE) },
	{ STR("1,2,,3 * * * *"), COMMA(MINUTE) },
	{ STR("0;30 * * * *"), NOT_MINUTE("0;30") },
	{ STR("0|30 * * * *"), NOT_MINUTE("0|30") },
	{ STR("0:30 * * * *"), NOT_MINUTE("0:30") },
	{ STR("0&30 * * * *"), NOT_MINUTE("0&30") },
	{ STR("\"0\" * * * *"), NOT_MINUTE("\"0\"") },
	{ STR("'*' * * * *"), STAR(MINUTE, "'*'") },
	{ STR("0) * * * *"), NOT_MINUTE("0)") },
	{ STR("(0 * * * *"), NOT_MINUTE("(0") },
	{ STR("[0-5] * * * *"), NOT_MINUTE("[0") },
	{ STR("{0,5} * * * *"), NOT_MINUTE("{0") },
	{ STR("$MINUTE * * * *"), NOT_MINUTE("$MINUTE") },
	{ STR("%2 * * * *"), NOT_MINUTE("%2") },
	{ STR("! * * * *"), NOT_MINUTE("!") },
	{ STR("^ * * * *"), NOT_MINUTE("^") },
	{ STR("\\ * * * *"), NOT_MINUTE("\\") },
	{ STR("_ * * * *"), NOT_MINUTE("_") },
	{ STR(". * * * *"), NOT_MINUTE(".") },
	{ STR("** * * * *"), STAR(MINUTE, "**") },
	{ STR("*5 * * * *"), STAR(MINUTE, "*5") },
	{ STR("5* * * * *"), STAR(MINUTE, "5*") },
	{ STR("*-5 * * * *"), STAR(MINUTE, "*-5") },
	{ STR("5-* * * * *"), STAR(MINUTE, "5-*") },
	{ STR("*,** * * * *"), STAR(MINUTE, "**") },
	{ STR("*/* * * * *"), STEP(MINUTE, "*", "*/*", "60") },
	{ STR("- * * * *"), OPEN(MINUTE, "a beginning", "-", "0 to 59") },
	{ STR("-- * * * *"), DASHES(MINUTE, "--") },
	{ STR("5- * * * *"), OPEN(MINUTE, "an end", "5-", "0 to 59") },
	{ STR("-5 * * * *"), OPEN(MINUTE, "a beginning", "-5", "0 to 59") },
	{ STR("5--10 * * * *"), DASHES(MINUTE, "5--10") },
	{ STR("1-5-9 * * * *"), DASHES(MINUTE, "1-5-9") },
	{ STR("1-60 * * * *"), NOT_MINUTE("60") },
	{ STR("60-70 * * * *"), NOT_MINUTE("60") },
	{ STR("30-10 * * * *"), REVERSED(MINUTE, "30-10", "30-59,0-10") },
	{ STR("59-0 * * * *"), REVERSED(MINUTE, "59-0", "59,0") },
	{ STR("10-5,20 * * * *"), REVERSED(MINUTE, "10-5", "10-59,0-5") },
	{ STR("*/0 * * * *"), STEP(MINUTE, "0", "*/0", "60") },
	{ STR("*/00 * * * *"), STEP(MINUTE, "00", "*/00", "60") },
	{ STR("*/61 * * * *"), STEP(MINUTE, "61", "*/61", "60") },
	{ STR("*/90 * * * *"), STEP(MINUTE, "90", "*/90", "60") },
	{ STR("*/100000000000 * * * *"),
		STEP(MINUTE, "100000000000", "*/100000000000", "60") },
	{ STR("*/-5 * * * *"), STEP(MINUTE, "-5", "*/-5", "60") },
	{ STR("*/+5 * * * *"), STEP(MINUTE, "+5", "*/+5", "60") },
	{ STR("*/x * * * *"), STEP(MINUTE, "x", "*/x", "60") },
	{ STR("*/1.5 * * * *"), STEP(MINUTE, "1.5", "*/1.5", "60") },
	{ STR("*/ * * * *"), NO_STEP(MINUTE, "*/", "60") },
	{ STR("/ * * * *"), NO_STEP(MINUTE, "/", "60") },
	{ STR("//5 * * * *"), SLASHES(MINUTE, "//5") },
	{ STR("*//5 * * * *"), SLASHES(MINUTE, "*//5") },
	{ STR("*/5/2 * * * *"), SLASHES(MINUTE, "*/5/2") },
	{ STR("*/5- * * * *"), STEP(MINUTE, "5-", "*/5-", "60") },
	{ STR("*/5-10 * * * *"), STEP(MINUTE, "5-10", "*/5-10", "60") },
	{ STR("5/15 * * * *"), SINGLE(MINUTE, "5/15", "5-59/15") },
	{ STR("0/5 * * * *"), SINGLE(MINUTE, "0/5", "0-59/5") },
	{ STR("59/1 * * * *"), SINGLE(MINUTE, "59/1", "59-59/1") },
	{ STR("10-20/0 * * * *"), STEP(MINUTE, "0", "10-20/0", "60") },
	{ STR("10-20/61 * * * *"), STEP(MINUTE, "61", "10-20/61", "60") },
	{ STR("10-20/ * * * *"), NO_STEP(MINUTE, "10-20/", "60") },
	{ STR("20-10/2 * * * *"), REVERSED(MINUTE, "20-10", "20-59,0-10") },
	{ STR("10-/2 * * * *"), OPEN(MINUTE, "an end", "10-", "0 to 59") },
	{ STR("-10/2 * * * *"), OPEN(MINUTE, "a beginning", "-10", "0 to 59") },
	{ STR("? * * * *"), QUESTION_MARK(MINUTE) },
	{ STR("0? * * * *"), QUESTION_MARK(MINUTE) },
	{ STR("L * * * *"), FOREIGN(MINUTE, "L") },
	{ STR("H * * * *"), NOT_MINUTE("H") },
	{ STR("H/15 * * * *"), NOT_MINUTE("H") },
	{ STR("H(0-29)/10 * * * *"), NOT_MINUTE("H(0") },
	{ STR("~ * * * *"), FOREIGN(MINUTE, "~") },
	{ STR("0~30 * * * *"), FOREIGN(MINUTE, "~") },
	{ STR("R * * * *"), NOT_MINUTE("R") },
	{ STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa * * * *"),
		NOT_MINUTE("aaaaaaaaaaaaaaaaaaaaaaaa...") },
	{ STR("1-2222222222222222222222222222222222222222 * * * *"),
		NOT_MINUTE("222222222222222222222222...") },
};

static const struct row hours[] = {
	{ STR("0 24 * * *"), NOT_HOUR("24") },
	{ STR("0 25 * * *"), NOT_HOUR("25") },
	{ STR("0 -1 * * *"), OPEN(HOUR, "a beginning", "-1", "0 to 23") },
	{ STR("0 23-24 * * *"), NOT_HOUR("24") },
	{ STR("0 22-2 * * *"), REVERSED(HOUR, "22-2", "22-23,0-2") },
	{ STR("0 23-0 * * *"), REVERSED(HOUR, "23-0", "23,0") },
	{ STR("0 17-9 * * *"), REVERSED(HOUR, "17-9", "17-23,0-9") },
	{ STR("0 */0 * * *"), STEP(HOUR, "0", "*/0", "24") },
	{ STR("0 */25 * * *"), STEP(HOUR, "25", "*/25", "24") },
	{ STR("0 9/2 * * *"), SINGLE(HOUR, "9/2", "9-23/2") },
	{ STR("0 9am * * *"), NOT_HOUR("9am") },
	{ STR("0 noon * * *"), NOT_HOUR("noon") },
	{ STR("0 9:30 * * *"), NOT_HOUR("9:30") },
	{ STR("0 MON * * *"), NOT_HOUR("MON") },
	{ STR("0 9,,17 * * *"), COMMA(HOUR) },
	{ STR("0 9-17-19 * * *"), DASHES(HOUR, "9-17-19") },
	{ STR("0 ? * * *"), QUESTION_MARK(HOUR) },
};

static const struct row days[] = {
	{ STR("0 0 0 * *"), NOT_DAY("0") },
	{ STR("0 0 32 * *"), NOT_DAY("32") },
	{ STR("0 0 00 * *"), NOT_DAY("00") },
	{ STR("0 0 0-5 * *"), NOT_DAY("0") },
	{ STR("0 0 1-32 * *"), NOT_DAY("32") },
	{ STR("0 0 31-1 * *"), REVERSED(DAY, "31-1", "31,1") },
	{ STR("0 0 28-3 * *"), REVERSED(DAY, "28-3", "28-31,1-3") },
	{ STR("0 0 */0 * *"), STEP(DAY, "0", "*/0", "31") },
	{ STR("0 0 */32 * *"), STEP(DAY, "32", "*/32", "31") },
	{ STR("0 0 1/2 * *"), SINGLE(DAY, "1/2", "1-31/2") },
	{ STR("0 0 1st * *"), NOT_DAY("1st") },
	{ STR("0 0 last * *"), NOT_DAY("last") },
	{ STR("0 0 L * *"), FOREIGN(DAY, "L") },
	{ STR("0 0 l * *"), FOREIGN(DAY, "L") },
	{ STR("0 0 L-3 * *"), FOREIGN(DAY, "L") },
	{ STR("0 0 LW * *"), FOREIGN(DAY, "W") },
	{ STR("0 0 15W * *"), FOREIGN(DAY, "W") },
	{ STR("0 0 W * *"), FOREIGN(DAY, "W") },
	{ STR("0 0 1,L * *"), FOREIGN(DAY, "L") },
	{ STR("0 0 ? * *"), QUESTION_MARK(DAY) },
	{ STR("0 0 ? * MON"), QUESTION_MARK(DAY) },
	{ STR("0 0 1#1 * *"), FOREIGN(DAY, "#") },
	{ STR("0 0 MON * *"), NOT_DAY("MON") },
	{ STR("0 0 , * *"), COMMA(DAY) },
	{ STR("0 0 111111111111111111111111111111111111111111111111111111111111 * *"),
		NOT_DAY("111111111111111111111111...") },
};

static const struct row months[] = {
	{ STR("0 0 * 0 *"), NOT_MONTH("0") },
	{ STR("0 0 * 13 *"), NOT_MONTH("13") },
	{ STR("0 0 * 00 *"), NOT_MONTH("00") },
	{ STR("0 0 * 1-13 *"), NOT_MONTH("13") },
	{ STR("0 0 * 11-2 *"), REVERSED(MONTH, "11-2", "11-12,1-2") },
	{ STR("0 0 * NOV-FEB *"), REVERSED(MONTH, "NOV-FEB", "11-12,1-2") },
	{ STR("0 0 * DEC-JAN *"), REVERSED(MONTH, "DEC-JAN", "12,1") },
	{ STR("0 0 * JANUARY *"), NOT_MONTH("JANUARY") },
	{ STR("0 0 * JA *"), NOT_MONTH("JA") },
	{ STR("0 0 * J *"), NOT_MONTH("J") },
	{ STR("0 0 * Jann *"), NOT_MONTH("Jann") },
	{ STR("0 0 * MAI *"), NOT_MONTH("MAI") },
	{ STR("0 0 * MON *"), NOT_MONTH("MON") },
	{ STR("0 0 * JAN- *"),
		OPEN(MONTH, "an end", "JAN-", "1 to 12 or JAN to DEC") },
	{ STR("0 0 * -JAN *"),
		OPEN(MONTH, "a beginning", "-JAN", "1 to 12 or JAN to DEC") },
	{ STR("0 0 * JAN--MAR *"), DASHES(MONTH, "JAN--MAR") },
	{ STR("0 0 * JAN,,MAR *"), COMMA(MONTH) },
	{ STR("0 0 * JAN/2 *"), SINGLE(MONTH, "JAN/2", "1-12/2") },
	{ STR("0 0 * 1/3 *"), SINGLE(MONTH, "1/3", "1-12/3") },
	{ STR("0 0 * */0 *"), STEP(MONTH, "0", "*/0", "12") },
	{ STR("0 0 * */13 *"), STEP(MONTH, "13", "*/13", "12") },
	{ STR("0 0 * */FEB *"), STEP(MONTH, "FEB", "*/FEB", "12") },
	{ STR("0 0 * ? *"), QUESTION_MARK(MONTH) },
	{ STR("0 0 * L *"), FOREIGN(MONTH, "L") },
	{ STR("0 0 * JAN#1 *"), FOREIGN(MONTH, "#") },
};

static const struct row weekdays[] = {
	{ STR("0 0 * * 8"), NOT_WEEKDAY("8") },
	{ STR("0 0 * * 9"), NOT_WEEKDAY("9") },
	{ STR("0 0 * * -1"),
		OPEN(WEEKDAY, "a beginning", "-1", "0 to 7 or SUN to SAT") },
	{ STR("0 0 * * 1-8"), NOT_WEEKDAY("8") },
	{ STR("0 0 * * 7-8"), NOT_WEEKDAY("8") },
	{ STR("0 0 * * 5-1"), REVERSED(WEEKDAY, "5-1", "5-6,0-1") },
	{ STR("0 0 * * FRI-MON"), REVERSED(WEEKDAY, "FRI-MON", "5-6,0-1") },
	{ STR("0 0 * * SAT-FRI"), REVERSED(WEEKDAY, "SAT-FRI", "6,0-5") },
	{ STR("0 0 * * 7-2"), REVERSED(WEEKDAY, "7-2", "0-2") },
	{ STR("0 0 * * 6-0"), REVERSED(WEEKDAY, "6-0", "6,0") },
	{ STR("0 0 * * MONDAY"), NOT_WEEKDAY("MONDAY") },
	{ STR("0 0 * * MO"), NOT_WEEKDAY("MO") },
	{ STR("0 0 * * M"), NOT_WEEKDAY("M") },
	{ STR("0 0 * * JAN"), NOT_WEEKDAY("JAN") },
	{ STR("0 0 * * MON-"),
		OPEN(WEEKDAY, "an end", "MON-", "0 to 7 or SUN to SAT") },
	{ STR("0 0 * * -FRI"),
		OPEN(WEEKDAY, "a beginning", "-FRI", "0 to 7 or SUN to SAT") },
	{ STR("0 0 * * MON-FRI-SUN"), DASHES(WEEKDAY, "MON-FRI-SUN") },
	{ STR("0 0 * * MON,,FRI"), COMMA(WEEKDAY) },
	{ STR("0 0 * * MON..FRI"), NOT_WEEKDAY("MON..FRI") },
	{ STR("0 0 * * MON/2"), SINGLE(WEEKDAY, "MON/2", "1-6/2") },
	{ STR("0 0 * * 1/2"), SINGLE(WEEKDAY, "1/2", "1-6/2") },
	{ STR("0 0 * * */0"), STEP(WEEKDAY, "0", "*/0", "7") },
	{ STR("0 0 * * */8"), STEP(WEEKDAY, "8", "*/8", "7") },
	{ STR("0 0 * * */MON"), STEP(WEEKDAY, "MON", "*/MON", "7") },
	{ STR("0 0 * * ?"), QUESTION_MARK(WEEKDAY) },
	{ STR("0 0 * * L"), FOREIGN(WEEKDAY, "L") },
	{ STR("0 0 * * 5L"), FOREIGN(WEEKDAY, "L") },
	{ STR("0 0 * * FRIL"), FOREIGN(WEEKDAY, "L") },
	{ STR("0 0 * * 5#2"), FOREIGN(WEEKDAY, "#") },
	{ STR("0 0 * * FRI#2"), FOREIGN(WEEKDAY, "#") },
	{ STR("0 0 * * 5#"), FOREIGN(WEEKDAY, "#") },
	{ STR("0 0 * * #2"), FOREIGN(WEEKDAY, "#") },
	{ STR("0 0 * * W"), FOREIGN(WEEKDAY, "W") },
	{ STR("0 0 * * 1W"), FOREIGN(WEEKDAY, "W") },
	{ STR("0 0 */31 * *ABC"), STAR(WEEKDAY, "*ABC") },
};
/* clang-format on */

static void
are_refused(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char problem[SCHEDULE_PROBLEM] = "it is accepted";
		char what[3 * SCHEDULE_MAX];
		struct buf name;
		struct schedule s;
		bool good;

		buf_init_fixed(&name, what, sizeof(what) - 1);
		buf_json(&name, rows[i].text);
		what[name.n] = '\0';
		good = schedule_parse(rows[i].text, &s, problem);
		is_str(good ? "" : problem, rows[i].sentence, what);
	}
}

/* A schedule of n characters, most of which are the filler. */
static void
is_too_long(size_t n, char filler, bool is_blank)
{
	char text[2 * SCHEDULE_MAX], problem[SCHEDULE_PROBLEM] = "";
	struct schedule s;
	bool good;

	memset(text, filler, n);
	memcpy(text + n - 9, "0 * * * *", 9);
	good = schedule_parse((struct str){ text, n }, &s, problem);
	if (n > SCHEDULE_MAX)
		is_str(problem, TOO_LONG, "a schedule that is too long");
	else
		ok(good == is_blank, "%zu characters are not too long", n);
}

int
main(void)
{
	are_refused(ROWS(whole));
	are_refused(ROWS(minutes));
	are_refused(ROWS(hours));
	are_refused(ROWS(days));
	are_refused(ROWS(months));
	are_refused(ROWS(weekdays));
	is_too_long(SCHEDULE_MAX, ' ', true);
	is_too_long(SCHEDULE_MAX + 1, ' ', true);
	is_too_long(SCHEDULE_MAX, ',', false);
	is_too_long(2 * SCHEDULE_MAX, '0', false);
	return tap_done();
}
