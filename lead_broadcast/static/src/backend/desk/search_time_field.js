import {
    LeadBroadcastCountdownField,
    leadBroadcastCountdownField,
} from "../countdown_field/countdown_field";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

/**
 * For how long a lead has been searching, with a warning from the moment on at which it
 * is too long.
 */
class SearchTimeField extends LeadBroadcastCountdownField {
    static template = "lead_broadcast.SearchTimeField";
    static defaultProps = {countUp: true, coming: false};
    static unitDisplay = "narrow";

    get text() {
        return this.getWords();
    }

    get isTooLong() {
        const alert = this.props.record.data.search_alert_date;
        return Boolean(alert) && alert <= this.clock.now;
    }

    get className() {
        return this.isTooLong ? "text-danger fw-bold" : "";
    }
}

/**
 * When the search goes on; or in a word, why it does not by itself.
 */
class NextActionField extends LeadBroadcastCountdownField {
    static template = "lead_broadcast.NextActionField";
    static defaultProps = {countUp: false, coming: true};
    static unitDisplay = "narrow";

    get value() {
        const {data} = this.props.record;
        return data.next_action_at || data.broadcast_valid_until;
    }

    get word() {
        const {broadcast_state: state, ladder_state: ladder} = this.props.record.data;
        if (ladder === "paused") {
            return {text: _t("Paused"), color: "text-bg-warning"};
        }
        if (ladder === "handed") {
            return {text: _t("With a person"), color: "text-bg-info"};
        }
        if (state === "exhausted") {
            return {text: _t("Nobody took it"), color: "text-bg-danger"};
        }
        return null;
    }
}

registry.category("fields").add("lead_broadcast_search_time", {
    ...leadBroadcastCountdownField,
    component: SearchTimeField,
    displayName: _t("Search Time"),
    supportedOptions: [],
    extractProps: () => ({}),
    fieldDependencies: [{name: "search_alert_date", type: "datetime", readonly: true}],
    listViewWidth: [135, 145],
});

registry.category("fields").add("lead_broadcast_next_action", {
    ...leadBroadcastCountdownField,
    component: NextActionField,
    displayName: _t("Next Action"),
    supportedOptions: [],
    extractProps: () => ({}),
    fieldDependencies: [
        {name: "broadcast_state", type: "selection", readonly: true},
        {name: "broadcast_valid_until", type: "datetime", readonly: true},
        {name: "ladder_state", type: "selection", readonly: true},
    ],
    listViewWidth: [118, 130],
});
