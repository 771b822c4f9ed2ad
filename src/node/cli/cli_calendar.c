/* dirchain calendar: terms reckoned on the published calendars, with no node: the same code by
 * which the ledger reckons them. */
#include "node/cli/cli.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_submit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES_MAX (1024 * 1024)
#define YEARS_MAX 64

/* Years of a directory, read when they are first asked for. */
struct years {
    struct cli *cli;
    const char *directory;
    int status; /* of the first file that could not be used */
    size_t count;
    struct {
        int year;
        struct doc *doc; /* NULL: not published */
    } item[YEARS_MAX];
};

static void years_free(struct years *years)
{
    for (size_t i = 0; i < years->count; i++) {
        doc_free(&years->item[i].doc);
    }
}

static struct doc *read_year(struct years *years, int year)
{
    char path[1024];
    AUTO(doc_free) struct doc *file = NULL;
    struct doc *calendar = NULL;
    struct faults faults = {0};
    (void)snprintf(path, sizeof path, "%s/%d.json", years->directory, year);
    if (access(path, F_OK) != 0 && errno == ENOENT) {
        return NULL;
    }
    int status = cli_read_doc(years->cli, &file, path, FILE_BYTES_MAX);
    if (status == 0 && doc_get(file, "days") != NULL) {
        (void)civil_calendar_from_notice(&calendar, &faults, file);
    } else if (status == 0 && civil_calendar_check(&faults, file) == 0) {
        calendar = doc_ref(file);
    }
    if (calendar != NULL && doc_get_int(calendar, "year", 0) != year) {
        faults_add(&faults, ERR_FIELD_CHOICE, "D14", "year");
        doc_free(&calendar);
    }
    if (faults.count > 0) {
        status = cli_refuse(years->cli, &faults, "%s:", path);
    }
    years->status = years->status == 0 ? status : years->status;
    return calendar;
}

static const struct doc *year_doc(void *context, int year)
{
    struct years *years = context;
    for (size_t i = 0; i < years->count; i++) {
        if (years->item[i].year == year) {
            return years->item[i].doc;
        }
    }
    if (years->count == YEARS_MAX) {
        return NULL;
    }
    years->item[years->count].year = year;
    years->item[years->count].doc = read_year(years, year);
    return years->item[years->count++].doc;
}

static int read_from(struct cli *cli, int64_t *from_ms)
{
    int64_t day;
    const char *text = cli_options_text(&cli->options, "from");
    if (civil_parse_date(&day, text) == 0) {
        *from_ms = civil_day_start(day);
        return 0;
    }
    return civil_parse_time(from_ms, text) == 0
               ? 0
               : cli_usage(cli, "--from %s: 应为日期或 RFC 3339 时间 takes a date or time.", text);
}

/* The one unit that was given, with its number. */
static int read_length(struct cli *cli, enum civil_unit *unit, int *n)
{
    static const char *const names[CIVIL_UNITS] = {
        [CIVIL_WORKING_DAYS] = "days",
        [CIVIL_CALENDAR_DAYS] = "calendar-days",
        [CIVIL_MONTHS] = "months",
        [CIVIL_YEARS] = "years",
    };
    int given = 0;
    int64_t number = 0;
    for (enum civil_unit i = 0; i < CIVIL_UNITS; i++) {
        if (cli_options_count(&cli->options, names[i]) > 0) {
            given++;
            *unit = i;
            number = cli_options_int(&cli->options, names[i], 0);
        }
    }
    if (given != 1) {
        return cli_usage(cli, "期限须给出一种单位 Give exactly one of --days, --calendar-days, "
                              "--months, --years.");
    }
    int least = *unit == CIVIL_WORKING_DAYS ? 0 : 1;
    if (number < least || number > civil_unit_max(*unit)) {
        return cli_usage(cli, "--%s: 应在 %d 至 %d 之间 takes %d to %d.", names[*unit], least,
                         civil_unit_max(*unit), least, civil_unit_max(*unit));
    }
    if (*unit == CIVIL_WORKING_DAYS && cli_options_text(&cli->options, "calendar") == NULL) {
        return cli_usage(cli, "工作日须给出日历目录 Working days need --calendar DIR.");
    }
    *n = (int)number;
    return 0;
}

static bool has_a_year(const char *directory)
{
    bool found = false;
    for (int year = CALENDAR_YEAR_MIN; !found && year <= CALENDAR_YEAR_MAX; year++) {
        char path[PATH_MAX];
        int len = snprintf(path, sizeof path, "%s/%d.json", directory, year);
        found = len > 0 && (size_t)len < sizeof path && access(path, F_OK) == 0;
    }
    return found;
}

/* A directory that is not there, or is another one, would pass for one in which no year is
 * published. */
static int check_directory(struct cli *cli, const char *directory)
{
    struct stat there;
    if (directory == NULL) {
        return 0;
    }
    if (stat(directory, &there) != 0) {
        return cli_fail(cli, ERR_IO, "%s: %s;", directory, strerror(errno));
    }
    if (!S_ISDIR(there.st_mode)) {
        return cli_usage(cli, "--calendar %s: 不是目录 is not a directory.", directory);
    }
    return has_a_year(directory)
               ? 0
               : cli_usage(cli, "--calendar %s: 其中没有任何年度的日历 holds no calendar, such as "
                                "2026.json.",
                           directory);
}

/* The years that were asked for and are not there, ascending. */
static struct doc *years_missing(const struct years *years)
{
    struct doc *missing = doc_new_array();
    for (int year = CALENDAR_YEAR_MIN; year <= CALENDAR_YEAR_MAX; year++) {
        for (size_t i = 0; i < years->count; i++) {
            if (years->item[i].year == year && years->item[i].doc == NULL) {
                doc_push(missing, doc_new_int(year));
            }
        }
    }
    return missing;
}

static int tell_due(struct cli *cli, const struct years *years, int64_t end_ms, bool provisional)
{
    static const char *const weekdays[] = {"星期一 Monday",   "星期二 Tuesday", "星期三 Wednesday",
                                           "星期四 Thursday", "星期五 Friday",  "星期六 Saturday",
                                           "星期日 Sunday"};
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(buf_free) struct buf words = {0};
    char last[CIVIL_TIME_CHARS], end[CIVIL_TIME_CHARS];
    int64_t last_day = civil_day(end_ms - 1);
    civil_format_date(last, last_day);
    civil_format_time(end, end_ms);
    doc_set_text(result, "end", end);
    doc_set_int(result, "end_ms", end_ms);
    doc_set_text(result, "last_day", last);
    doc_set_bool(result, "provisional", provisional);
    buf_append_format(&words, "最后一日 Last day: %s %s，24:00 届满 ends at 24:00\n", last,
                      weekdays[civil_weekday(last_day)]);
    buf_append_format(&words, "期限截止（不含） Ends before: %s\n", end);
    if (provisional) {
        struct doc *missing = years_missing(years);
        buf_append_text(&words, "暂定：以下年度的日历尚未发布，按星期推算\n"
                                "Provisional, by the weekday: no calendar of");
        for (size_t i = 0; i < doc_count(missing); i++) {
            buf_append_format(&words, "%s %d", i > 0 ? "," : "",
                              (int)doc_int(doc_at(missing, i), 0));
        }
        buf_append_text(&words, ".\n");
        doc_set(result, "unpublished", missing);
    }
    return cli_result(cli, result, &words);
}

static int run_due(struct cli *cli)
{
    AUTO(years_free)
    struct years years = {.cli = cli, .directory = cli_options_text(&cli->options, "calendar")};
    const struct civil_calendar calendar = {.year_doc = year_doc, .context = &years};
    int64_t from_ms = 0, end_ms = 0;
    bool provisional = false;
    enum civil_unit unit = CIVIL_WORKING_DAYS;
    int n = 0;
    int status = read_from(cli, &from_ms);
    status = status == 0 ? read_length(cli, &unit, &n) : status;
    status = status == 0 ? check_directory(cli, years.directory) : status;
    if (status != 0) {
        return status;
    }
    int error = civil_term_end(&end_ms, &provisional, &calendar, from_ms, unit, n);
    if (years.status != 0) {
        return years.status;
    }
    return error != 0 ? cli_fail(cli, error, "--from:")
                      : tell_due(cli, &years, end_ms, provisional);
}

/* ---- publish ---- */

/* A notice as published becomes the ledger's form; its address is the source. */
static int run_publish(struct cli *cli)
{
    char key[64];
    AUTO(doc_free) struct doc *file = NULL;
    AUTO(doc_free) struct doc *body = NULL;
    struct faults faults = {0};
    const char *path = cli->options.arguments[0];
    const char *source = cli_options_text(&cli->options, "source");
    int status = cli_read_doc(cli, &file, path, FILE_BYTES_MAX);
    if (status != 0) {
        return status;
    }
    if (civil_calendar_from_notice(&body, &faults, file) != 0) {
        return cli_refuse(cli, &faults, "%s:", path);
    }
    source = source == NULL ? doc_text(doc_at(doc_get(file, "papers"), 0)) : source;
    if (source != NULL && doc_text_valid(view_of_text(source))) {
        doc_set_text(body, "source", source);
    }
    (void)snprintf(key, sizeof key, "calendar/%d", (int)doc_get_int(body, "year", 0));
    const struct cli_act act = {.type = "calendar.publish", .subject = key};
    return cli_act_submit(cli, &act, body);
}

static const struct cli_option options_publish[] = {
    {"source", CLI_TEXT, false, "TEXT", "The notice (default: its address in the file).",
     "通知出处（默认取文件中的网址）。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_due[] = {
    {"calendar", CLI_TEXT, false, "DIR", "Directory of calendars, named YEAR.json (for --days).",
     "日历目录，文件名为 年份.json（用于 --days）。", NULL},
    {"from", CLI_TEXT, true, "TIME", "Receipt: a date or RFC 3339 time; that day does not count.",
     "收到之日（日期或 RFC 3339 时间），当日不计。", "D14"},
    {"days", CLI_INT, false, "N", "Working days.", "工作日数。", "D14"},
    {"calendar-days", CLI_INT, false, "N", "Or days of the calendar.", "或自然日数。", "D14"},
    {"months", CLI_INT, false, "N", "Or months, to the day of the same number.",
     "或月数，至对应日止。", "D14"},
    {"years", CLI_INT, false, "N", "Or years, likewise.", "或年数，同上。", "D14"},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};

const struct cli_command cli_calendar_commands[] = {
    {.name = "due",
     .chinese = "推算期限届满之时：工作日（含调休）、日、月、年，与账本同一算法。",
     .english = "Reckon when a term ends, as the ledger does: working days (make-up days "
                "included), days, months or years.",
     .options = options_due,
     .run = run_due},
    {.name = "publish",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "发布或更正年度工作日历（中心管理密钥）。",
     .english = "Publish or correct a year's calendar (the center's admin key).",
     .needs = CLI_WRITES,
     .options = options_publish,
     .run = run_publish},
    {.name = NULL},
};
