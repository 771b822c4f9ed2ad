/* RDF/XML into statements: the forms of the grammar that catalogs use, and what is refused. */
#include "check.h"

#include "base/errors.h"
#include "base/memory.h"
#include "exchange/rdf.h"

#include <string.h>

#define HEAD                                                                                       \
    "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" xmlns:e=\"http://e/\">"
#define TAIL "</rdf:RDF>"

/* All statements, one a line: subject predicate object, a literal in quotes with its language. The
 * namespace of RDF is written rdf:. */
static void append_name(struct buf *out, const char *name)
{
    bool rdf = strncmp(name, RDF_NS, strlen(RDF_NS)) == 0;
    buf_append_format(out, "%s%s", rdf ? "rdf:" : "", rdf ? name + strlen(RDF_NS) : name);
}

static void all_statements(struct buf *out, const char *xml)
{
    AUTO(rdf_graph_free) struct rdf_graph *graph = NULL;
    long line = -1;
    assert_int_equal(rdf_read_xml(&graph, &line, view_of_text(xml)), 0);
    assert_int_equal(line, 0);
    for (size_t i = 0; i < rdf_count(graph); i++) {
        struct rdf_statement statement = rdf_at(graph, i);
        append_name(out, statement.subject);
        buf_append_text(out, " ");
        append_name(out, statement.predicate);
        buf_append_text(out, statement.literal ? " \"" : " ");
        append_name(out, statement.object);
        buf_append_text(out, statement.literal ? "\"" : "");
        buf_append_format(out, "%s%s\n", statement.lang[0] == 0 ? "" : "@", statement.lang);
    }
}

static void forms_of_the_grammar(void **state)
{
    (void)state;
    static const struct {
        const char *xml, *statements;
    } cases[] = {
        {HEAD TAIL, ""},
        {HEAD "<rdf:Description rdf:about=\"http://a\"><e:p>text</e:p></rdf:Description>" TAIL,
         "http://a http://e/p \"text\"\n"},
        {HEAD "<e:T rdf:about=\"http://a\"/>" TAIL, "http://a rdf:type http://e/T\n"},
        {HEAD "<e:T rdf:about=\"a\"><e:p rdf:resource=\"b\"/></e:T>" TAIL,
         "a rdf:type http://e/T\na http://e/p b\n"},
        {HEAD "<e:T><e:p/></e:T>" TAIL, "_:0 rdf:type http://e/T\n_:0 http://e/p \"\"\n"},
        {HEAD "<e:T rdf:nodeID=\"0\" e:q=\"v\"/>" TAIL,
         "_:n0 rdf:type http://e/T\n_:n0 http://e/q \"v\"\n"},
        {HEAD "<e:T rdf:ID=\"x\"/>" TAIL, "#x rdf:type http://e/T\n"},
        /* A node within a property, whose layout is no text. */
        {HEAD "<e:T rdf:about=\"a\"><e:p>\n <e:U rdf:about=\"b\"><e:q>x</e:q></e:U>\n</e:p>"
              "<e:r>y</e:r></e:T>" TAIL,
         "a rdf:type http://e/T\na http://e/p b\nb rdf:type http://e/U\nb http://e/q \"x\"\n"
         "a http://e/r \"y\"\n"},
        {HEAD "<rdf:Description rdf:about=\"a\"><e:p rdf:parseType=\"Resource\"><e:q>x</e:q>"
              "</e:p></rdf:Description>" TAIL,
         "a http://e/p _:0\n_:0 http://e/q \"x\"\n"},
        /* Languages are inherited, and end with "". */
        {HEAD "<rdf:Description rdf:about=\"a\" xml:lang=\"zh\"><e:p>x</e:p>"
              "<e:p xml:lang=\"\">y</e:p></rdf:Description>" TAIL,
         "a http://e/p \"x\"@zh\na http://e/p \"y\"\n"},
        {HEAD "<rdf:Description rdf:about=\"a\"><e:p rdf:datatype=\"http://d\"> 1 </e:p>"
              "</rdf:Description>" TAIL,
         "a http://e/p \" 1 \"\n"},
        {HEAD "<rdf:Description rdf:about=\"a\"><e:p>&lt;&amp;<![CDATA[>&]]>&#13;&#10;&#x9f;</e:p>"
              "</rdf:Description>" TAIL,
         "a http://e/p \"<&>&\n\xef\xbf\xbd\"\n"},
        /* A literal of XML is stepped over, whatever is in it. */
        {HEAD "<rdf:Description rdf:about=\"a\"><e:p rdf:parseType=\"Literal\"><b>x<i/></b></e:p>"
              "<e:q>y</e:q></rdf:Description>" TAIL,
         "a http://e/q \"y\"\n"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(buf_free) struct buf got = {0};
        all_statements(&got, cases[i].xml);
        assert_string_equal(buf_text(&got), cases[i].statements);
    }
}

static void refused_with_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        int error;
        long line;
    } cases[] = {
        {"", ERR_ENCODING, 1},
        {"{}", ERR_ENCODING, 1},
        {"<html/>", ERR_ENCODING, 1},
        {"<rdf:RDF/>", ERR_ENCODING, 1}, /* a prefix of nothing */
        {HEAD "\n<e:T>\n</e:U>" TAIL, ERR_ENCODING, 3},
        {"<!DOCTYPE r [<!ENTITY x \"y\">]>\n" HEAD TAIL, ERR_XML_DTD, 1},
        {"<!DOCTYPE r SYSTEM \"file:///etc/passwd\">\n" HEAD TAIL, ERR_XML_DTD, 1},
        {HEAD "\n<e:T><e:p><e:U/>\n<e:U/></e:p></e:T>" TAIL, ERR_ENCODING, 3},
        {HEAD "<e:T><e:p>&none;</e:p></e:T>" TAIL, ERR_ENCODING, 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct rdf_graph *graph = NULL;
        long line = 0;
        assert_int_equal(rdf_read_xml(&graph, &line, view_of_text(cases[i].xml)), cases[i].error);
        assert_int_equal(line, cases[i].line);
        assert_null(graph);
    }
}

static void append_nested(struct buf *out, size_t nodes)
{
    buf_append_text(out, HEAD);
    for (size_t i = 0; i < nodes; i++) {
        buf_append_text(out, "<e:T><e:p>");
    }
    for (size_t i = 0; i < nodes; i++) {
        buf_append_text(out, "</e:p></e:T>");
    }
    buf_append_text(out, TAIL);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        AUTO(rdf_graph_free) struct rdf_graph *graph = NULL;
        AUTO(buf_free) struct buf xml = {0};
        long line;
        append_nested(&xml, RDF_DEPTH_MAX / 2 + more);
        assert_int_equal(rdf_read_xml(&graph, &line, view_of_buf(&xml)),
                         more == 0 ? 0 : ERR_TOO_LARGE);
    }
}

static void found_by_subject_and_predicate(void **state)
{
    (void)state;
    AUTO(rdf_graph_free) struct rdf_graph *graph = NULL;
    long line;
    const char *xml =
        HEAD "<rdf:Description rdf:about=\"b\"><e:p>1</e:p></rdf:Description>"
             "<rdf:Description rdf:about=\"a\"><e:p>2</e:p><e:q>3</e:q></rdf:Description>"
             "<rdf:Description rdf:about=\"b\"><e:q>4</e:q><e:p>5</e:p></rdf:Description>" TAIL;
    assert_int_equal(rdf_read_xml(&graph, &line, view_of_text(xml)), 0);
    assert_int_equal(rdf_count(graph), 5);
    assert_int_equal(rdf_find(graph, "b", "http://e/p", 0), 0);
    assert_int_equal(rdf_find(graph, "b", "http://e/p", 1), 4);
    assert_int_equal(rdf_find(graph, "b", NULL, 1), 3);
    assert_int_equal(rdf_find(graph, "a", "http://e/q", 0), 2);
    assert_int_equal(rdf_find(graph, "a", "http://e/q", 3), 5);
    assert_int_equal(rdf_find(graph, "c", NULL, 0), 5);
    assert_int_equal(rdf_skipped(graph), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_of_the_grammar),
        cmocka_unit_test(refused_with_the_line),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(found_by_subject_and_predicate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
