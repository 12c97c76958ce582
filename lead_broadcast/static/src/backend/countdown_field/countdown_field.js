import {Component, useEffect, useState} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {formatDateTime} from "@web/core/l10n/dates";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

const {DateTime, Duration} = luxon;

const TICK = 1000;
const SOON = {minutes: 15};
const UNITS = ["days", "hours", "minutes"];

/**
 * A moment in words that stay true while they are looked at: how long an offer is
 * still valid, with the option `count_up` how long something has been going on, or with
 * the option `coming` when something is to happen.
 */
export class LeadBroadcastCountdownField extends Component {
    static template = "lead_broadcast.CountdownField";
    static props = {
        ...standardFieldProps,
        countUp: {type: Boolean, optional: true},
        coming: {type: Boolean, optional: true},
    };
    static defaultProps = {countUp: false, coming: false};
    static unitDisplay = "short";

    setup() {
        this.clock = useState({now: DateTime.now()});
        useEffect(
            () => {
                const timer = setInterval(() => {
                    this.clock.now = DateTime.now();
                }, TICK);
                return () => clearInterval(timer);
            },
            () => []
        );
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get duration() {
        const {now} = this.clock;
        return this.props.countUp ? now.diff(this.value) : this.value.diff(now);
    }

    get isOver() {
        return !this.props.countUp && this.duration.toMillis() <= 0;
    }

    get text() {
        if (this.isOver) {
            return this.props.coming ? _t("any moment") : _t("time is over");
        }
        const words = this.getWords();
        if (this.props.coming) {
            return _t("in %s", words);
        }
        return this.props.countUp ? _t("for %s", words) : _t("valid for %s", words);
    }

    /**
     * @returns {String} the two largest units, in the user's language
     */
    getWords() {
        const {unitDisplay} = this.constructor;
        const options = {unitDisplay, listStyle: "narrow"};
        const duration = this.duration.shiftTo(...UNITS, "seconds", "milliseconds");
        const parts = UNITS.filter((unit) => duration[unit] > 0).slice(0, 2);
        if (!parts.length) {
            const seconds = Math.max(duration.seconds, 0);
            return Duration.fromObject({seconds}).toHuman(options);
        }
        const shown = Object.fromEntries(parts.map((unit) => [unit, duration[unit]]));
        return Duration.fromObject(shown).toHuman(options);
    }

    get className() {
        if (this.props.countUp || this.props.coming) {
            return "";
        }
        if (this.isOver) {
            return "text-danger";
        }
        return this.duration < Duration.fromObject(SOON) ? "text-warning fw-bold" : "";
    }

    get title() {
        return formatDateTime(this.value);
    }
}

export const leadBroadcastCountdownField = {
    component: LeadBroadcastCountdownField,
    displayName: _t("Countdown"),
    supportedTypes: ["datetime"],
    listViewWidth: [145, 180],
    supportedOptions: [
        {
            label: _t("Count up"),
            name: "count_up",
            type: "boolean",
            help: _t("Tell how long ago the moment was, instead of how far it is."),
        },
        {
            label: _t("Coming"),
            name: "coming",
            type: "boolean",
            help: _t("Tell when something is to happen, not how long it is valid."),
        },
    ],
    extractProps: ({options}) => ({
        countUp: Boolean(options.count_up),
        coming: Boolean(options.coming),
    }),
};

registry
    .category("fields")
    .add("lead_broadcast_countdown", leadBroadcastCountdownField);
