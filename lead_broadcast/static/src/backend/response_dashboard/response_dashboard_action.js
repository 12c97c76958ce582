import {Component} from "@odoo/owl";
import {ResponseDashboard} from "./response_dashboard";
import {WithSearch} from "@web/search/with_search/with_search";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

/** The dashboard with the search of the report that it sums up. */
export class ResponseDashboardAction extends Component {
    static template = "lead_broadcast.ResponseDashboardAction";
    static components = {ResponseDashboard, WithSearch};
    static props = {...standardActionServiceProps};

    get searchProps() {
        const {action, globalState} = this.props;
        return {
            resModel: action.res_model,
            context: action.context,
            globalState,
            searchViewId: false,
            loadIrFilters: true,
            searchMenuTypes: ["filter", "favorite"],
            display: {controlPanel: {}},
        };
    }
}

registry.category("actions").add("lead_response_dashboard", ResponseDashboardAction);
