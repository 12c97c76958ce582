import {Component, useState} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {getRules} from "./matrix_layout";

/** Asks where the rules of a row or column are to be copied to, and says beforehand
 * what that does to the rules that are there. */
export class NotificationCopyDialog extends Component {
    static template = "lead_broadcast.NotificationCopyDialog";
    static components = {Dialog};
    static props = {
        close: Function,
        confirm: Function,
        label: String,
        matrix: Object,
        source: Object,
    };

    setup() {
        this.state = useState({target: {...this.props.source}, replace: false});
        // the next row of the same event, or the next column
        const {field, options} = this.selects.at("event" in this.props.source ? 1 : 0);
        const index = options.findIndex(
            (option) => option.key === this.props.source[field]
        );
        this.state.target[field] = options[(index + 1) % options.length].key;
    }

    get title() {
        return _t("Copy %s", this.props.label);
    }

    /** What tells the target: one choice per field of a row or column. */
    get selects() {
        const {events, tiers, roles, channels} = this.props.matrix;
        const any = {key: false, label: _t("any tier")};
        return [
            {field: "event", label: _t("Event"), options: events},
            {field: "tier_id", label: _t("Allocated to"), options: [any, ...tiers]},
            {field: "role", label: _t("Recipient"), options: roles},
            {field: "channel", label: _t("Channel"), options: channels},
        ].filter((select) => select.field in this.props.source);
    }

    get rules() {
        return getRules(this.props.matrix, this.props.source);
    }

    get isSame() {
        return this.selects.every(
            ({field}) => this.state.target[field] === this.props.source[field]
        );
    }

    /** How many of the copied rules meet one that is there already. */
    get conflicts() {
        const fields = ["event", "tier_id", "role", "channel"];
        const present = getRules(this.props.matrix, this.state.target);
        return this.rules.filter((rule) => {
            const copy = {...rule, ...this.state.target};
            return present.some((other) =>
                fields.every((field) => other[field] === copy[field])
            );
        }).length;
    }

    get count() {
        return this.rules.length - (this.state.replace ? 0 : this.conflicts);
    }

    get confirmLabel() {
        return this.count === 1 ? _t("Copy 1 rule") : _t("Copy %s rules", this.count);
    }

    onSelect(field, options, ev) {
        this.state.target[field] = options[ev.target.selectedIndex].key;
    }

    async onConfirm() {
        const {target, replace} = this.state;
        await this.props.confirm({...target}, replace);
        this.props.close();
    }
}
