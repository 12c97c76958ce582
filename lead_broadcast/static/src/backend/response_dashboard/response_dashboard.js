import {Component, onWillStart, onWillUpdateProps, useState} from "@odoo/owl";
import {formatFloatTime, formatPercentage} from "@web/views/fields/formatters";
import {Domain} from "@web/core/domain";
import {KeepLast} from "@web/core/utils/concurrency";
import {Layout} from "@web/search/layout";
import {SearchBar} from "@web/search/search_bar/search_bar";
import {_t} from "@web/core/l10n/translation";
import {useSearchBarToggler} from "@web/search/search_bar/search_bar_toggler";
import {useService} from "@web/core/utils/hooks";

const MODEL = "lead.response.report";
const GROUPINGS = [[], ["assignee_id"], ["source_id"], ["start_date:week"]];
const AGGREGATES = [
    "__count",
    "on_time:avg",
    "on_time:sum",
    "on_time:count",
    "median_hours:avg",
    "waiting:sum",
    "overdue:sum",
    "escalations:sum",
];
const ROWS = 10;

/**
 * How leads are answered, at a glance: all of it is read at once, as far as the user
 * may see it, and a click on any figure opens what it is made of.
 */
export class ResponseDashboard extends Component {
    static template = "lead_broadcast.ResponseDashboard";
    static components = {Layout, SearchBar};
    static props = {
        context: Object,
        display: Object,
        domain: Array,
        "*": true, // the rest of the search
    };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.searchBarToggler = useSearchBarToggler();
        this.keepLast = new KeepLast();
        this.state = useState({total: {}, assignees: [], sources: [], weeks: []});
        onWillStart(() => this.load(this.props));
        onWillUpdateProps((nextProps) => this.load(nextProps));
    }

    async load({context, domain}) {
        const [[total], assignees, sources, weeks] = await this.keepLast.add(
            this.orm.formattedReadGroupingSets(MODEL, domain, GROUPINGS, AGGREGATES, {
                context: {...context, fill_temporal: true},
            })
        );
        Object.assign(this.state, {
            total: this.getFigures(total),
            assignees: this.getRows(assignees, "assignee_id", _t("Nobody yet")),
            sources: this.getRows(sources, "source_id", _t("No source")),
            weeks: weeks.map((group) => ({
                ...this.getFigures(group),
                label: group["start_date:week"][1],
            })),
        });
    }

    // --------------------------------------------------------------------------
    // What is shown
    // --------------------------------------------------------------------------

    getFigures(group) {
        const counted = group["on_time:count"] || 0;
        return {
            number: group.__count,
            counted,
            onTime: group["on_time:sum"] || 0,
            share: counted ? group["on_time:avg"] : null,
            hours: group["median_hours:avg"],
            waiting: group["waiting:sum"] || 0,
            overdue: group["overdue:sum"] || 0,
            escalations: group["escalations:sum"] || 0,
            domain: group.__extra_domain,
        };
    }

    /** Those who are late most often come first, those without a figure last. */
    getRows(groups, field, fallback) {
        const rows = groups.map((group) => ({
            ...this.getFigures(group),
            label: group[field] ? group[field][1] : fallback,
        }));
        return rows.sort(
            (one, two) =>
                (one.share ?? 2) - (two.share ?? 2) || two.counted - one.counted
        );
    }

    get tables() {
        const {assignees, sources} = this.state;
        return [
            {
                title: _t("On Time by Assignee"),
                head: _t("Assignee"),
                field: "assignee_id",
                rows: assignees.slice(0, ROWS),
                more: assignees.length > ROWS,
            },
            {
                title: _t("On Time by Source"),
                head: _t("Source"),
                field: "source_id",
                rows: sources.slice(0, ROWS),
                more: sources.length > ROWS,
            },
        ];
    }

    get tiles() {
        const {total} = this.state;
        return [
            {
                name: "on_time",
                label: _t("On Time"),
                value: this.formatShare(total),
                hint: this.getCountText(total),
                domain: [["answer", "in", ["on_time", "late", "overdue", "missed"]]],
            },
            {
                name: "waiting",
                label: _t("To Be Answered"),
                value: total.waiting,
                hint: _t("at this moment"),
                domain: [["answer", "in", ["overdue", "waiting"]]],
            },
            {
                name: "overdue",
                label: _t("Overdue Now"),
                value: total.overdue,
                hint: _t("of those to be answered"),
                isBad: total.overdue > 0,
                domain: [["answer", "=", "overdue"]],
            },
            {
                name: "escalations",
                label: _t("Escalations"),
                value: total.escalations,
                hint: _t("levels that ran out"),
                domain: [["escalations", ">", 0]],
            },
            {
                name: "hours",
                label: _t("Time until Answered"),
                value: this.formatHours(total),
                hint: _t("median, in working time"),
                domain: [["first_response_date", "!=", false]],
            },
        ];
    }

    getCountText({onTime, counted}) {
        return _t("%(onTime)s of %(counted)s", {onTime, counted});
    }

    formatShare({share}) {
        return share === null ? "–" : formatPercentage(share, {digits: [false, 0]});
    }

    formatHours({hours}) {
        return hours === false ? "–" : formatFloatTime(hours);
    }

    /** What a figure says, to those who cannot see its bar. */
    getLabel(row) {
        return _t("%(name)s: %(share)s on time, %(count)s", {
            name: row.label,
            share: this.formatShare(row),
            count: this.getCountText(row),
        });
    }

    // --------------------------------------------------------------------------
    // What it is made of
    // --------------------------------------------------------------------------

    open(name, domain, views = ["list", "pivot", "graph"], context = {}) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: MODEL,
            views: views.map((view) => [false, view]),
            domain: Domain.and([this.props.domain, domain]).toList(),
            context,
        });
    }

    openAll({title, field}) {
        const context = {group_by: [field]};
        this.open(title, [], ["pivot", "graph", "list"], context);
    }
}
