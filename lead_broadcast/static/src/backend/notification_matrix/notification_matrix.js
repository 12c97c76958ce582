import {Component, onWillStart, useEffect, useRef, useState} from "@odoo/owl";
import {
    CHANNEL_ROW,
    EVENT_COLUMN,
    ROLE_ROW,
    TIER_COLUMN,
    getTarget,
} from "./matrix_navigation";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {Layout} from "@web/search/layout";
import {Mutex} from "@web/core/utils/concurrency";
import {NotificationCopyDialog} from "./notification_copy_dialog";
import {NotificationRuleDialog} from "./notification_rule_dialog";
import {_t} from "@web/core/l10n/translation";
import {getActiveHotkey} from "@web/core/hotkeys/hotkey_service";
import {getLayout, getRules} from "./matrix_layout";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";

const MODEL = "lead.broadcast.notification.rule";

/**
 * Who is told what: events and tiers down, recipients and channels across.
 *
 * One place of the grid can be reached by Tab, arrow keys move on from there. What
 * the matrix is like is what the server answered last.
 */
export class NotificationMatrix extends Component {
    static template = "lead_broadcast.NotificationMatrix";
    static components = {Dropdown, DropdownItem, Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.orm = useService("orm");
        this.grid = useRef("grid");
        this.mutex = new Mutex();
        this.rows = {ROLE: ROLE_ROW, CHANNEL: CHANNEL_ROW};
        this.columns = {EVENT: EVENT_COLUMN, TIER: TIER_COLUMN};
        this.state = useState({
            matrix: null,
            extraRows: [],
            place: {row: 0, column: 0},
            announcement: "",
        });
        onWillStart(() => this.load());
        this.mustFocus = true;
        useEffect(() => {
            if (this.mustFocus) {
                this.mustFocus = false;
                this.grid.el.querySelector("[tabindex='0']")?.focus();
            }
        });
    }

    // --------------------------------------------------------------------------
    // What is shown
    // --------------------------------------------------------------------------

    get layout() {
        return getLayout(this.state.matrix, this.state.extraRows);
    }

    get canEdit() {
        return this.state.matrix.can_edit;
    }

    /** The rules that send nothing although they are switched on. */
    get problems() {
        return this.state.matrix.cells.filter((cell) => cell.active && cell.problem);
    }

    getTabIndex(row, column) {
        const {place} = this.state;
        return place.row === row && place.column === column ? 0 : -1;
    }

    getTierLabel(tier) {
        return tier ? tier.label : _t("any");
    }

    getRowLabel(row) {
        return `${row.event.label} · ${this.getTierLabel(row.tier)}`;
    }

    getColumnLabel({role, channel}) {
        return `${role.label} · ${channel.label}`;
    }

    getMissingTiers(row) {
        const shown = this.layout.rows
            .filter((other) => other.event.key === row.event.key)
            .map((other) => other.tier?.key);
        return [undefined, ...this.state.matrix.tiers].filter(
            (tier) => !shown.includes(tier?.key)
        );
    }

    /** What a rule does, in words. */
    getRuleText(rule) {
        if (!rule) {
            return _t("Nothing is sent.");
        }
        const {summary, problem} = rule;
        if (!rule.active) {
            return _t("Switched off. %s", summary);
        }
        return problem
            ? _t("%(problem)s: nothing is sent. %(summary)s", {problem, summary})
            : summary;
    }

    getCellLabel(row, cell) {
        const place = `${this.getRowLabel(row)} · ${this.getColumnLabel(cell.column)}`;
        return `${place}: ${this.getRuleText(cell.rule)}`;
    }

    /** What the line below the grid says of the place one is at. */
    get description() {
        const {row, column} = this.state.place;
        const cell = this.layout.rows[row]?.cells[column];
        if (cell) {
            return this.getRuleText(cell.rule);
        }
        if (!this.canEdit) {
            return "";
        }
        return column === EVENT_COLUMN
            ? _t("Enter opens a menu: rows for single tiers.")
            : _t("Enter opens a menu: copy, switch on or off.");
    }

    // --------------------------------------------------------------------------
    // Moving
    // --------------------------------------------------------------------------

    goTo(place) {
        this.state.place = {...place};
        this.mustFocus = true;
    }

    onFocus(row, column) {
        this.state.place = {row, column};
    }

    onKeydown(ev) {
        if (ev.target.closest(".show[aria-expanded='true']")) {
            return; // the keys are the open menu's
        }
        const hotkey = getActiveHotkey(ev);
        const next = getTarget(this.layout, this.state.place, hotkey);
        const {row, column} = this.state.place;
        if (next) {
            this.goTo(next);
        } else if (row >= 0 && column >= 0 && hotkey === "enter") {
            this.openCell(this.layout.rows[row].cells[column]);
        } else if (row >= 0 && column >= 0 && hotkey === "space") {
            this.switchCell(row, column);
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }

    // --------------------------------------------------------------------------
    // Changing
    // --------------------------------------------------------------------------

    async load() {
        this.update(await this.orm.call(MODEL, "get_notification_matrix"));
    }

    update(matrix) {
        this.state.matrix = matrix;
        const {row, column} = this.state.place;
        const lastRow = this.layout.rows.length - 1;
        if (row > lastRow) {
            this.state.place = {row: lastRow, column};
        }
    }

    /**
     * Call what changes rules, one call after the other; whatever comes of it, what
     * is shown afterwards is true.
     *
     * @param {Function} getCall returns method and arguments, when its turn has come
     */
    change(getCall) {
        return this.mutex.exec(async () => {
            try {
                const answer = await this.orm.call(MODEL, ...getCall());
                this.update(answer.matrix);
                return answer;
            } catch (error) {
                await this.load();
                throw error;
            }
        });
    }

    async switchCell(row, column) {
        const cell = this.layout.rows[row].cells[column];
        if (!this.canEdit || !cell.rule) {
            this.openCell(cell);
            return;
        }
        const {id} = cell.rule;
        await this.change(() => {
            const latest = this.state.matrix.cells.find((rule) => rule.id === id);
            return ["switch_notification_cells", [[id], !latest?.active]];
        });
        this.state.announcement = this.description;
    }

    async switchPlace(place, active) {
        await this.change(() => {
            const ids = getRules(this.state.matrix, place).map((rule) => rule.id);
            return ["switch_notification_cells", [ids, active]];
        });
    }

    getRowPlace(row) {
        return {event: row.event.key, tier_id: row.tier?.key ?? false};
    }

    getColumnPlace({role, channel}) {
        return {role: role.key, channel: channel.key};
    }

    addRow(event, tier) {
        const place = {event: event.key, tier_id: tier?.key ?? false};
        this.state.extraRows.push(place);
        const row = this.layout.rows.findIndex(
            (other) => other.event.key === event.key && other.tier?.key === tier?.key
        );
        // the menu that asked for it takes the focus once more when it closes
        Promise.resolve().then(() => this.goTo({row, column: 0}));
    }

    /** Dialogs give the focus back to where they were opened from; what they saved,
     * and be it for a preview, is shown. */
    openDialog(dialog, props) {
        const {place} = this.state;
        const onClose = () => {
            this.goTo(place);
            this.load();
        };
        this.dialog.add(dialog, props, {onClose});
    }

    openCell({place, rule}) {
        if (!rule && !this.canEdit) {
            return;
        }
        const context = Object.fromEntries(
            Object.entries(place).map(([field, value]) => [`default_${field}`, value])
        );
        this.openDialog(NotificationRuleDialog, {
            resModel: MODEL,
            resId: rule?.id,
            context: rule ? {} : context,
            title: rule ? _t("Notification Rule") : _t("New Notification Rule"),
            readonly: !this.canEdit,
            preventCreate: !this.canEdit,
            preventEdit: !this.canEdit,
            canExpand: false,
        });
    }

    openCopyDialog(source, label) {
        this.openDialog(NotificationCopyDialog, {
            label,
            source,
            matrix: this.state.matrix,
            confirm: async (target, replace) => {
                const {copied, kept} = await this.change(() => [
                    "copy_notification_cells",
                    [source, target, replace],
                ]);
                this.notification.add(
                    _t("Rules copied: %(copied)s. Left as they were: %(kept)s.", {
                        copied,
                        kept,
                    }),
                    {type: "success"}
                );
            },
        });
    }

    openList() {
        this.action.doAction("lead_broadcast.lead_broadcast_notification_rule_action");
    }

    openSchedules() {
        this.action.doAction("lead_broadcast.lead_broadcast_schedule_action");
    }
}

registry
    .category("actions")
    .add("lead_broadcast_notification_matrix", NotificationMatrix);
