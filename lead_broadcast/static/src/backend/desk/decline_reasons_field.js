import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const COLORS = {
    date: "text-bg-info",
    price: "text-bg-warning",
};

/**
 * Why partners declined, in a word each, with how many gave the reason.
 */
class DeclineReasonsField extends Component {
    static template = "lead_broadcast.DeclineReasonsField";
    static props = {...standardFieldProps};

    get reasons() {
        return this.props.record.data[this.props.name] || [];
    }

    getColor({kind}) {
        return COLORS[kind] || "text-bg-secondary";
    }
}

registry.category("fields").add("lead_broadcast_decline_reasons", {
    component: DeclineReasonsField,
    displayName: _t("Decline Reasons"),
    supportedTypes: ["json"],
    listViewWidth: [130, 160],
});
