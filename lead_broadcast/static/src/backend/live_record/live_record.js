import {Component, onWillUnmount, xml} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";
import {useDebounced} from "@web/core/utils/timing";
import {useService} from "@web/core/utils/hooks";

const NOTIFICATION = "lead_broadcast.search_changed";
const DELAY = 1000;

/**
 * Reads a lead again when something has happened in its search, unless somebody is
 * changing it: saving reads it again anyway.
 */
export class LeadBroadcastLive extends Component {
    static template = xml``;
    static props = {...standardWidgetProps};

    setup() {
        const bus = useService("bus_service");
        const reload = useDebounced(() => this.reload(), DELAY);
        const onChange = ({lead_ids: ids}) => {
            if (ids.includes(this.props.record.resId)) {
                reload();
            }
        };
        bus.subscribe(NOTIFICATION, onChange);
        onWillUnmount(() => bus.unsubscribe(NOTIFICATION, onChange));
    }

    async reload() {
        const {record} = this.props;
        if (!record.dirty) {
            await record.load();
        }
    }
}

registry.category("view_widgets").add("lead_broadcast_live", {
    component: LeadBroadcastLive,
});
