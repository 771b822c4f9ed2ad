/* Where terms end, by a count of the walk's own: from the notice of the State Council for 2026
 * (samples/calendar/2026.json) and the one that the walk publishes for 2027 (rules_walk_acts.c),
 * written down once more, day by day. */

static bool walk_day_is(const char *const *days, size_t count, const char *day)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(days[i], day) == 0) {
            return true;
        }
    }
    return false;
}

static bool walk_works(int64_t day)
{
    static const char *const off[] = {
        "2026-01-01", "2026-01-02", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19",
        "2026-02-20", "2026-02-23", "2026-04-06", "2026-05-01", "2026-05-04", "2026-05-05",
        "2026-06-19", "2026-09-25", "2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06",
        "2026-10-07", "2027-01-01", "2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10",
        "2027-02-11"};
    static const char *const worked[] = {"2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09",
                                         "2026-09-20", "2026-10-10", "2027-01-09", "2027-02-20"};
    char text[CIVIL_TIME_CHARS];
    civil_format_date(text, day);
    return civil_weekday(day) < 5 ? !walk_day_is(off, COUNT_OF(off), text)
                                  : walk_day_is(worked, COUNT_OF(worked), text);
}

/* 24:00 of the nth working day after that of from_ms. */
static int64_t walk_end(int64_t from_ms, int n)
{
    int64_t day = civil_day(from_ms);
    while (n > 0) {
        n -= walk_works(++day);
    }
    return civil_day_start(day + 1);
}

/* An end in which no blocks were is that of the first working day after them (D14). */
static int64_t walk_end_after_gaps(const struct walk *walk, int64_t end_ms)
{
    for (size_t i = 0; i < walk->gaps; i++) {
        if (walk->gap[i][0] < end_ms && end_ms <= walk->gap[i][1]) {
            end_ms = walk_end(walk->gap[i][1], 1);
        }
    }
    return end_ms;
}

/* From when an agency has its days: received, or let through by the center (OPEN 19). */
static int64_t walk_received_ms(const struct doc *request)
{
    int64_t from_ms = doc_get_int(request, "submitted_ms", 0);
    const struct doc *intake = doc_get(request, "intake");
    return intake == NULL ? from_ms : doc_get_int(intake, "time_ms", from_ms);
}

/* PT 20, CN 17, OPEN 19: silence counts when the days are over, and an outage's day; where all
 * years are known in the first block from then on. Of who was suspended meanwhile not before the
 * days are over. Who was removed is silent for good, and its end stays where it was. */
static void judge_silence(struct walk *walk, const struct doc *act)
{
    const char *subject = doc_get_text(act, "subject");
    const struct doc *request = ledger_get(walk->ledger, "%s", subject);
    int64_t from_ms = walk_received_ms(request);
    int64_t days_ms = walk_end(from_ms, walk->setting->answer_days);
    int64_t end_ms = walk_end_after_gaps(walk, days_ms);
    if (doc_text_is(ledger_get(walk->ledger, "member/%s", doc_get_text(request, "provider")),
                    "status", "removed")) {
        return;
    }
    if (walk->ledger->time_ms < (walk->setting->calm ? end_ms : days_ms)) {
        walk_wrong(walk, "silence counts before its days are over: %s", subject);
    }
    if (walk->setting->known && walk->before_ms >= end_ms) {
        walk_wrong(walk, "silence counts later than it should: %s", subject);
    }
}

/* CN 26: 限期: until the end of the day that was named, nobody is overdue. */
static void judge_overdue_order(struct walk *walk, const struct doc *act)
{
    int64_t day = 0;
    const char *subject = doc_get_text(act, "subject");
    assert_int_equal(civil_parse_date(&day, ledger_text(walk->ledger, subject, "until")), 0);
    int64_t day_ms = civil_day_start(day + 1);
    int64_t end_ms = walk_end_after_gaps(walk, day_ms);
    if (walk->ledger->time_ms < (walk->setting->calm ? end_ms : day_ms)) {
        walk_wrong(walk, "overdue before the day is over: %s", subject);
    }
    if (walk->setting->known && walk->before_ms >= end_ms) {
        walk_wrong(walk, "overdue later than it should: %s", subject);
    }
}

/* Nothing is said twice to be overdue for one end, nor before it. */
static void judge_overdue(struct walk *walk, size_t index)
{
    const struct doc *acts = walk->ledger->acts, *act = doc_at(acts, index);
    const char *effect = doc_get_text(act, "effect"), *subject = doc_get_text(act, "subject");
    int64_t due_ms = doc_get_int(act, "due_ms", 0);
    if (due_ms > walk->ledger->time_ms) {
        walk_wrong(walk, "%s before its end: %s", effect, subject);
    }
    for (size_t i = 0; i < index; i++) {
        const struct doc *other = doc_at(acts, i);
        if (doc_text_is(other, "effect", effect) && doc_text_is(other, "subject", subject) &&
            doc_get_int(other, "due_ms", 0) == due_ms) {
            walk_wrong(walk, "%s twice: %s", effect, subject);
        }
    }
}

/* The acts of the ledger since it was asked last. */
static void walk_judge(struct walk *walk)
{
    for (; walk->judged < doc_count(walk->ledger->acts); walk->judged++) {
        const struct doc *act = doc_at(walk->ledger->acts, walk->judged);
        const char *effect = doc_get_text(act, "effect");
        if (strcmp(effect, walk->setting->silence) == 0 &&
            walk_is_of(doc_get_text(act, "subject"), "request/")) {
            judge_silence(walk, act);
        }
        if (strcmp(effect, "rectify-overdue") == 0) {
            judge_overdue_order(walk, act);
        }
        if (strstr(effect, "-overdue") != NULL) {
            judge_overdue(walk, walk->judged);
        }
    }
}
