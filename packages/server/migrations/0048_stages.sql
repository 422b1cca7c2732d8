-- What is done of an asset that is still in work: a stage that ended is not done again after a crash. Its outputs are artifacts already.
alter table asset add column stages jsonb;
-- Where in an artifact its parts lie: segments of a stream, pictures of a storyboard.
alter table object add column layout jsonb;

-- Posters come before the work on whole videos.
alter table job drop constraint job_lane_check;
alter table job add constraint job_lane_check check (lane in ('short', 'poster', 'long', 'review', 'generation', 'upkeep'));

-- The gate asks about videos as about pictures: a reviewer sees moments of them.
create or replace view presentable_asset as
select asset.*
from asset
join policy on policy.collection = asset.collection
where asset.status = 'ready'
  and asset.deleted_at is null
  and asset.review <> 'rejected'
  and (asset.review = 'approved' or asset.kind not in ('image', 'video') or not policy.photo_review_enabled);
